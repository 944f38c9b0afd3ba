/**
 * Closes a connection so that the client can read the last reply on it. A reply may go out before the whole request has
 * arrived, for instance a 413. If the server then closed the connection at once, the system would answer the rest of
 * the request with a reset, and the client would lose the reply. So the server only says that it sends nothing more,
 * then reads what still comes and throws it away, until the client closes (RFC 9112, section 9.6).
 *
 * create-fastify.ts calls it once. Nothing that is thrown away may be kept, or be taken for another request.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** How much is thrown away before the connection is closed all the same. A photo or a short video fits. */
export const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;
/** How long this may take in all, and how long it may take until the next byte. */
const MAX_CLOSE_MILLISECONDS = 30_000;
const IDLE_CLOSE_MILLISECONDS = 5_000;

/** Closes every connection of the server gently, also after a reply to a request whose body has not all arrived. */
export function closeGently(app: FastifyInstance): void {
  (app.server as Server).on("connection", (socket: Socket) => {
    // Node calls this after the last reply on a connection. Its own function closes in both directions at once.
    socket.destroySoon = destroyGently;
  });
  app.addHook("onSend", (request, reply, _payload, done) => {
    endIfUnread(request, reply);
    done();
  });
}

/** Makes a reply the last one on its connection if some of the request's body is still to come. */
export function endIfUnread({ raw: { complete, headers } }: FastifyRequest, reply: FastifyReply): void {
  // Node says "complete" a little late. A request without a body has nothing more to come.
  const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  if (hasBody && !complete) reply.header("connection", "close");
}

/** Sends the last bytes on a connection, and throws away what still comes. */
export function endGently(socket: Socket, lastBytes = ""): void {
  socket.end(lastBytes);
  // Node's parser must not see the rest: it would take it for more requests, or report the same mistake again.
  socket.removeAllListeners("data");
  // After CONNECT, Node listens no more, and a client that resets the connection would end the server.
  socket.on("error", () => socket.destroy());
  let discarded = 0;
  socket.on("data", (piece: Buffer) => {
    discarded += piece.length;
    if (discarded > MAX_DISCARDED_BYTES) socket.destroy();
    // Node would read two megabytes in one go. With many such connections, that is a lot of memory.
    socket.pause();
    setImmediate(() => socket.resume());
  });
  socket.resume();
  // The reply itself may take longer, if the client reads slowly.
  if (socket.writableFinished) limitTime(socket);
  else socket.once("finish", () => limitTime(socket));
}

function destroyGently(this: Socket): void {
  endGently(this);
}

function limitTime(socket: Socket): void {
  // Node destroys a connection on which nothing has moved for this long.
  socket.setTimeout(IDLE_CLOSE_MILLISECONDS);
  const timer = setTimeout(() => socket.destroy(), MAX_CLOSE_MILLISECONDS).unref();
  socket.once("close", () => clearTimeout(timer));
}
