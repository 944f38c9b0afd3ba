/**
 * The order in which parts of the server handle a request. This is the only file that touches the server's "request"
 * listeners: each part is a function that gets the next one. A part that is moved or left out changes what a client
 * can make the server do, so read the reasons in each part's file first. app.ts calls it last.
 */
import type { RequestListener } from "node:http";
import type { FastifyInstance } from "fastify";
import { type FastPathOptions, fastPath } from "./fast-path.ts";
import { endConnectionAfterUpgrade } from "./request/head-checks.ts";
import { inTurn } from "./request/pipelining.ts";

/** Replaces Fastify's listener for requests with ours. Fastify's comes last, and its hooks check the head. */
export function setRequestOrder({ server }: FastifyInstance, options: FastPathOptions): void {
  const [throughFastify, ...others] = server.listeners("request") as RequestListener[];
  if (throughFastify === undefined || others.length > 0) throw new Error("Fastify must have exactly one listener");
  const listener = inTurn(options.held, fastPath(options, endConnectionAfterUpgrade(throughFastify)));
  server.removeAllListeners("request");
  server.on("request", listener);
  // Without listeners for `Expect`, Node sends 100 Continue before anything has looked at the head, and it replies to
  // an unknown one with a bare 417. head-checks.ts does both better.
  server.on("checkContinue", listener);
  server.on("checkExpectation", listener);
}
