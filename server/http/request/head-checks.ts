/**
 * Looks at the headers that say how a request is to be read, before anything else of it is looked at. Node would answer
 * these mistakes itself, with a bare status that tells a beginner nothing; so it is told not to (`requireHostHeader`),
 * and the request goes the way of all others, to a reply with a sentence and a number.
 */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "../../steps/refusal.ts";

/** As Node takes it: whoever waits for this has been told to go on already. */
const KNOWN_EXPECTATION = /(?:^|\W)100-continue(?:$|\W)/i;

export function addHeadChecks(app: FastifyInstance): void {
  // Without a listener Node answers with a bare 417; with one, the request is ours.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  app.server.prependListener("request", ({ headers }, response) => {
    // Node takes what follows for that other protocol, and drops it: whoever sends more must use another connection.
    if (headers.upgrade !== undefined) response.shouldKeepAlive = false;
  });
  app.addHook("onRequest", (request, reply, done) => {
    const refusal = refusalForHead(request);
    // What follows on the connection may be meant for somebody who reads such a request otherwise: it is not done.
    if (refusal !== undefined) reply.header("connection", "close");
    done(refusal);
  });
}

/** Whether something about the head of a request is to be refused, or to be looked at more closely. */
export function isStrangeHead({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  return httpVersion !== "1.1" || countHosts(rawHeaders) !== 1;
}

function refusalForHead({ raw: { httpVersion, headers, rawHeaders } }: FastifyRequest): Refusal | undefined {
  if (httpVersion !== "1.1") {
    // RFC 9112, 6.1: who sends it so does not know what chunks are, or somebody on the way does not.
    if (headers["transfer-encoding"] === undefined) return undefined;
    return new Refusal(400, "In HTTP/1.0 there is no `Transfer-Encoding`. Send `Content-Length`, or use HTTP/1.1.");
  }
  const hosts = countHosts(rawHeaders);
  if (hosts === 0) return new Refusal(400, "The header `Host` is missing: HTTP/1.1 wants one in every request.");
  if (hosts > 1) return new Refusal(400, "The header `Host` stands there twice. Send it once.");
  const { expect } = headers;
  if (expect === undefined || KNOWN_EXPECTATION.test(expect)) return undefined;
  return new Refusal(417, "The header `Expect` may say `100-continue`, and nothing else. Leave it out.");
}

/** Names and values stand there by turns. Node itself keeps the first of two, which need not be what a proxy went by. */
function countHosts(rawHeaders: string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts;
}
