/**
 * Lesson 1, Somebody answers: a program that listens on a port and answers every request with a greeting.
 *
 *     node 01.ts PORT FOLDER
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const [port = "8000"] = process.argv.slice(2);

function answer(request: IncomingMessage, response: ServerResponse): void {
  console.log(request.method, request.url);
  send(response, 200, "text/plain; charset=utf-8", `Hello! You sent ${request.method} ${request.url}\n`);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(body);
}

// 127.0.0.1 is this computer. Nobody on another computer can reach the server there.
createServer(answer).listen(Number(port), "127.0.0.1", () => {
  console.log(`The server listens on http://127.0.0.1:${port}`);
});
