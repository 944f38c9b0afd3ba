/**
 * Handles pipelined requests, the ones that a client sends on one connection without waiting for replies, one after the
 * other. Node would start all of them at once and keep their replies until the client reads, which may be never: a few
 * hundred such connections would fill the memory. It also means that a request is never started when the one before it
 * has ended the connection.
 */
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";

/** More than any client needs. If a client sends more without reading, its connection is closed. */
export const MAX_PIPELINED = 256;

/** @returns a listener that calls `next` for a request once it is that request's turn on its connection. */
export function inTurn(next: RequestListener): RequestListener {
  const waitingOn = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    // A reply has ended the connection, but Node still reads what arrived before that.
    if (!socket.writable) return;
    // Node gives the socket to a response when its turn comes. Nearly always no other response is before it.
    if (response.socket !== null) {
      next(request, response);
      return;
    }
    const waiting = (waitingOn.get(socket) ?? 0) + 1;
    waitingOn.set(socket, waiting);
    if (waiting > MAX_PIPELINED) {
      socket.destroy();
      return;
    }
    response.once("socket", () => {
      waitingOn.set(socket, (waitingOn.get(socket) ?? 1) - 1);
      next(request, response);
    });
  };
}
