/**
 * The bench compares our streams with this relay. It uses the same stack, Fastify and server-sent events, but keeps
 * nothing: it sends each published message to all listeners at once and does not wait for the disk.
 */
import type { ServerResponse } from "node:http";
import Fastify from "fastify";

const app = Fastify();
const listeners = new Set<ServerResponse>();
let lastId = 0;

app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

app.post("/api/v1/chat", (request, reply) => {
  const { message } = JSON.parse(String(request.body));
  lastId++;
  const sentAt = new Date().toISOString();
  const frame = Buffer.from(
    `id: ${lastId}\nevent: message\ndata: ${JSON.stringify({ messageId: lastId, message, sentAt })}\n\n`,
  );
  for (const listener of listeners) listener.write(frame);
  reply.send({ userId: 1, messageId: lastId, sentAt });
});

app.get("/api/v1/chat/stream", (_request, reply) => {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("retry: 1000\n\n");
  listeners.add(response);
  response.once("close", () => listeners.delete(response));
});

await app.listen({ host: "127.0.0.1", port: 0 });
const address = app.server.address();
if (typeof address === "object" && address !== null) console.log(`port ${address.port}`);
process.once("SIGTERM", () => process.exit());
