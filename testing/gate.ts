/**
 * A gate in front of a server: every request waits there until it is let through, so that a test decides what happens
 * between one request and the next. What comes back is handed on as it comes, streams too.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { atEnd } from "./at-end.ts";

export interface Gate {
  origin: string;
  /** Runs before a request goes on. As long as its promise is pending, the request waits. */
  before: (method: string, path: string) => unknown;
}

export async function startGate(test: TestContext, target: string): Promise<Gate> {
  const server = createServer(async (asked, reply) => {
    reply.on("error", () => {});
    await gate.before(asked.method ?? "", asked.url ?? "");
    // Whoever asked may have hung up meanwhile.
    if (!reply.destroyed) letThrough(target, asked, reply);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The gate has no port");
  const gate: Gate = { origin: `http://127.0.0.1:${address.port}`, before: () => {} };
  atEnd(test, async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  return gate;
}

function letThrough(target: string, asked: IncomingMessage, reply: ServerResponse): void {
  const { method, headers } = asked;
  const sent = request(`${target}${asked.url}`, { method, headers, agent: false }, (answer) => {
    reply.writeHead(answer.statusCode ?? 502, answer.headers);
    reply.flushHeaders();
    answer.on("error", () => reply.destroy());
    answer.pipe(reply);
  });
  sent.on("error", () => reply.destroy());
  reply.on("close", () => sent.destroy());
  asked.pipe(sent);
}
