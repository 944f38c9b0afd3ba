/**
 * Replies to requests that Node's parser cannot read, or that arrive too slowly. Fastify has no reply object for them
 * yet, only the socket, so this file writes the reply by hand.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Refusal } from "../../steps/refusal.ts";
import { codeOf } from "../../store/error-code.ts";
import { endGently } from "./gentle-close.ts";
import { refusalForParser } from "./http-mistake.ts";
import { type Problem, problemFor } from "./problem.ts";
import { SECURITY_HEADERS } from "./replies.ts";

/** Connections that sent something unreadable while a request before it still has no reply. */
const waiting = new WeakSet<Socket>();

/** Is told what a client got for the bytes that could not be read. */
type Tell = (problem: Problem, bytes: Buffer, socket: Socket) => void;

/** @returns a handler for Node's "clientError". */
export function answerUnreadable(tell: Tell): (error: Error, socket: Socket) => void {
  return (error, socket) => answer(error, socket, tell);
}

function answer(error: Error, socket: Socket, tell: Tell): void {
  const code = codeOf(error) ?? "";
  if (code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  // The last reply is on its way, and gentle-close.ts throws away the rest.
  if (!socket.writable) return;
  // Earlier requests may still be waiting for their replies. The client would take ours for one of those.
  const response = unfinishedResponse(socket);
  if (response?.req.complete === true) {
    // Node reports the error again for each piece that follows. Once is enough, so stop reading.
    if (waiting.has(socket)) return;
    waiting.add(socket);
    socket.pause();
    response.once("close", () => {
      waiting.delete(socket);
      answer(error, socket, tell);
    });
    return;
  }
  // The reply to the broken request has already started, so there is no room for another.
  if (response?.headersSent === true) {
    socket.destroy();
    return;
  }
  // The client sent more after a request with `Connection: close`, which it said was its last.
  if (code === "HPE_CLOSED_CONNECTION") {
    endGently(socket);
    return;
  }
  const problem = endWithProblem(socket, refusalForParser(error));
  // Browsers open connections in advance, and may never send anything. That is no request.
  if ("rawPacket" in error && Buffer.isBuffer(error.rawPacket)) tell(problem, error.rawPacket, socket);
}

/** Answers a client that takes the server for a proxy. Node would hang up without a reply. */
export function answerConnect(_request: IncomingMessage, socket: Duplex): void {
  endWithProblem(
    socket as Socket,
    new Refusal(400, "The server is not a proxy. Send your request to it without CONNECT."),
  );
}

/** Sends a refusal to a client whose request the server has not read, and ends the connection. */
export function endWithProblem(socket: Socket, refusal: Refusal): Problem {
  const problem = problemFor(refusal);
  const { status, headers, body } = problem;
  const lines = Object.entries({
    ...SECURITY_HEADERS,
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const title = String(JSON.parse(body).title);
  endGently(socket, `HTTP/1.1 ${status} ${title}\r\n${lines.join("")}\r\n${body}`);
  return problem;
}

/**
 * Node keeps the response whose turn it is in the internal property `_httpMessage`, and reads it there itself.
 * @returns undefined between two requests, and while the head of the next one is not complete.
 */
export function unfinishedResponse(
  socket: Socket & { _httpMessage?: ServerResponse | null },
): ServerResponse | undefined {
  const response = socket._httpMessage;
  return response === null || response === undefined || response.closed ? undefined : response;
}
