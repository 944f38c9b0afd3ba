/**
 * Answers requests that never become one: what Node's parser cannot read, and what comes too slowly. There is no
 * Fastify reply for them yet, only a socket, so the reply is written by hand.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Refusal } from "../../steps/refusal.ts";
import { problemFor } from "./problem.ts";
import { SECURITY_HEADERS } from "./replies.ts";

const REFUSALS: Record<string, () => Refusal> = {
  HPE_HEADER_OVERFLOW: () => new Refusal(431, "The headers of the request are longer than 16 KiB."),
  ERR_HTTP_REQUEST_TIMEOUT: () => new Refusal(408, "The request took too long to arrive."),
};

/** Connections on which something cannot be read, and something before it is not answered yet. */
const waiting = new WeakSet<Socket>();

export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  // Requests before it may still be waiting for their replies: what is said now would be taken for one of those.
  const response = unfinishedResponse(socket);
  if (response?.req.complete === true) {
    // Node says it again for whatever else comes; once is enough, and no more is read.
    if (waiting.has(socket)) return;
    waiting.add(socket);
    socket.pause();
    response.once("close", () => {
      waiting.delete(socket);
      answerUnreadable(error, socket);
    });
    return;
  }
  // The broken one is being answered already, and cannot get another answer.
  if (response?.headersSent === true) {
    socket.destroy();
    return;
  }
  // It said itself that its last request was the last one.
  if (error.code === "HPE_CLOSED_CONNECTION") {
    socket.end();
    return;
  }
  const refusal = REFUSALS[error.code ?? ""]?.() ?? new Refusal(400, "This is not an HTTP request that can be read.");
  const { status, headers, body } = problemFor(refusal);
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const title = String(JSON.parse(body).title);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join("")}\r\n${body}`);
}

/** Node keeps the reply whose turn it is with the socket, under a name of its own; its own handler looks there, too. */
function unfinishedResponse(socket: Socket & { _httpMessage?: ServerResponse | null }): ServerResponse | undefined {
  const response = socket._httpMessage;
  return response === null || response === undefined || response.closed ? undefined : response;
}
