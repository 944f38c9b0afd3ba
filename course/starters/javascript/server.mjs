/**
 * Your server. It answers hello.
 *
 *     node server.mjs PORT FOLDER
 */
import { createServer } from "node:http";

const port = Number(process.argv[2]);

const server = createServer((_request, response) => {
  response.writeHead(200, { "Content-Type": "text/plain" });
  response.end("hello\n");
});

server.listen(port, "127.0.0.1", () => {
  console.log(`Your server listens at http://127.0.0.1:${port}`);
});
