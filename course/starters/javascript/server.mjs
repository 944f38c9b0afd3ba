/**
 * Your server. It answers hello.
 *
 *     node server.mjs PORT FOLDER
 */
import { createServer } from "node:http";

const port = Number(process.argv[2]);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";

const server = createServer((_request, response) => {
  response.writeHead(200, { "Content-Type": "text/plain" });
  response.end("hello\n");
});

server.listen(port, host, () => {
  console.log(`Your server listens at http://${host}:${port}`);
});
