/**
 * Shows the least that an idle stream can cost: node:http, a reply that does not end, and a set that holds it.
 */
import { createServer, type ServerResponse } from "node:http";

const streams = new Set<ServerResponse>();
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("retry: 1000\n\n");
  streams.add(response);
  response.once("close", () => streams.delete(response));
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`port ${address.port}`);
});
process.once("SIGTERM", () => process.exit());
