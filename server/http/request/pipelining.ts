/**
 * Requests that a client sends on one connection without waiting for replies are done one after the other. Node would
 * begin all of them at once and keep their replies until the client reads, if it ever does: a few hundred such
 * connections would fill the memory. And what stands behind a request that is refused for good is never begun.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** More than any client has a reason for. Whoever sends more without reading is let go. */
export const MAX_IN_LINE = 256;

export function answerInTurn(server: Server): void {
  const handlers = server.listeners("request");
  server.removeAllListeners("request");
  const inLine = new WeakMap<Socket, number>();

  const begin = (request: IncomingMessage, response: ServerResponse) => {
    for (const handler of handlers) handler.call(server, request, response);
  };
  server.on("request", (request, response) => {
    const { socket } = request;
    // A reply has ended the connection, but Node still reads what had come by then.
    if (!socket.writable) return;
    // Node gives the connection to a reply when it is its turn. Almost always nobody is before it.
    if (response.socket !== null) {
      begin(request, response);
      return;
    }
    const waiting = (inLine.get(socket) ?? 0) + 1;
    inLine.set(socket, waiting);
    if (waiting > MAX_IN_LINE) {
      socket.destroy();
      return;
    }
    response.once("socket", () => {
      inLine.set(socket, (inLine.get(socket) ?? 1) - 1);
      begin(request, response);
    });
  });
}
