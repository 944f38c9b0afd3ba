/**
 * Lesson 2, Words for machines: the answer is JSON, which other programs can read, and its Content-Type says so.
 *
 *     node 02.ts PORT FOLDER
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const [port = "8000"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";

function answer(request: IncomingMessage, response: ServerResponse): void {
  console.log(request.method, request.url);
  send(response, 200, "application/json", registerUser());
}

function registerUser(): object {
  return { userId: 1, authToken: "everybody-gets-this-one" };
}

function send(response: ServerResponse, status: number, contentType: string, body: object): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(`${JSON.stringify(body)}\n`);
}

createServer(answer).listen(Number(port), host, () => {
  console.log(`The server listens on http://${host}:${port}`);
});
