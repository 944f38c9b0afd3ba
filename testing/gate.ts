/**
 * A gate in front of a server. Every request waits at the gate until the test lets it through, so the test decides what
 * happens between two requests. Replies pass at once, also those of streams.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { atEnd } from "./at-end.ts";

interface Gate {
  origin: string;
  /** Called with each request, which waits until the returned promise has settled. */
  before: (method: string, path: string) => unknown;
}

export async function startGate(test: TestContext, target: string): Promise<Gate> {
  const server = createServer(async (asked, reply) => {
    reply.on("error", () => {});
    await gate.before(asked.method ?? "", asked.url ?? "");
    // The client may have hung up while it waited.
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
