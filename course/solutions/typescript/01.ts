/**
 * Lesson 1, Somebody answers: a program that listens on a port and answers every request with a greeting.
 *
 *     node 01.ts PORT FOLDER
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const [port = "8000"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";

function answer(request: IncomingMessage, response: ServerResponse): void {
  console.log(request.method, request.url);
  send(response, 200, "text/plain; charset=utf-8", `Hello! You sent ${request.method} ${request.url}\n`);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(body);
}

createServer(answer).listen(Number(port), host, () => {
  console.log(`The server listens on http://${host}:${port}`);
});
