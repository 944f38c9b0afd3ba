/**
 * Lesson 2, Words for machines: the answer is JSON, which other programs can read, and its Content-Type says so.
 *
 *     node 02.ts PORT FOLDER
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const [port = "8000"] = process.argv.slice(2);

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

// 127.0.0.1 is this computer. Nobody on another computer can reach the server there.
createServer(answer).listen(Number(port), "127.0.0.1", () => {
  console.log(`The server listens on http://127.0.0.1:${port}`);
});
