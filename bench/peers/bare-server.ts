/**
 * Shows the limit of the runtime: node:http and nothing else. It reads the body, parses the same JSON, answers at once
 * with a body of the same length, and keeps nothing. Not durable.
 *
 *     node bench/peers/bare-server.ts FILE     FILE: the body of every reply
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const body = readFileSync(process.argv[2] ?? "");

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    JSON.parse(Buffer.concat(pieces).toString());
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": body.length });
    response.end(body);
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`port ${address.port}`);
});
