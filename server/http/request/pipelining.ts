/**
 * Handles pipelined requests, the ones that a client sends on one connection without waiting for replies, one after the
 * other. Node would start all of them at once and keep their replies until the client reads, which may be never: a few
 * hundred such connections would fill the memory. It also means that a request is never started when the one before it
 * has ended the connection.
 *
 * The requests that wait take memory, too, and the first may wait for a minute. So the server stops reading from the
 * connection when enough of them are in line, and reads on when all of those have had their turn.
 */
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import type { HeldBytes, Holder } from "./held-bytes.ts";
import { isChunked, weightOf } from "./request-weight.ts";

/** Many small requests can arrive at once, before we can stop reading. If there are more than this, it is too many. */
export const MAX_PIPELINED = 256;
/** What may be in line before we stop reading: about a dozen requests, or one with a long body. */
const MAX_LINE_BYTES = 64 * 1024;
/** Node makes an object of each chunk, and a chunk may be one byte long. So many arrive before we can stop reading. */
const CHUNKS_BYTES = 1024 * 1024;

/** The line of each connection on which a request had to wait. */
const lines = new WeakMap<Socket, Line>();

/** The requests of a connection that wait for their turn. */
class Line implements Holder {
  isPaused = false;
  readonly #socket: Socket;
  readonly #held: HeldBytes;
  #count = 0;
  #bytes = 0;

  constructor(socket: Socket, held: HeldBytes) {
    this.#socket = socket;
    this.#held = held;
    socket.once("close", () => held.release(this));
    // Node starts to read again whenever a request is complete, even if the socket was paused since. `pause` does
    // nothing to a paused socket, but Node stops reading at its event.
    socket.on("resume", () => {
      if (!this.isPaused) return;
      socket.pause();
      socket.emit("pause");
    });
  }

  enter(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    if (this.#count > MAX_PIPELINED) {
      this.letGo();
      return;
    }
    if (this.#bytes > MAX_LINE_BYTES) {
      this.isPaused = true;
      this.#socket.pause();
    }
    this.#held.hold(this, this.#bytes);
  }

  leave(bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    if (this.#count > 0) {
      this.#held.hold(this, this.#bytes);
      return;
    }
    this.#held.release(this);
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#socket.resume();
  }

  /** No reply could say why: those to the requests before it are not there yet. */
  letGo(): void {
    this.#socket.destroy();
  }
}

/**
 * Whether the server has stopped reading from a connection. Its client may have sent half a request by then, and is not
 * to blame that the rest takes long.
 */
export function isHeldBack(socket: Socket): boolean {
  return lines.get(socket)?.isPaused === true;
}

/** @returns a listener that calls `next` for a request once it is that request's turn on its connection. */
export function inTurn(held: HeldBytes, next: RequestListener): RequestListener {
  return (request, response) => {
    const { socket } = request;
    // A reply has ended the connection, but Node still reads what arrived before that.
    if (!socket.writable) return;
    // Node gives the socket to a response when its turn comes. Nearly always no other response is before it.
    if (response.socket !== null) {
      next(request, response);
      return;
    }
    let line = lines.get(socket);
    if (line === undefined) {
      line = new Line(socket, held);
      lines.set(socket, line);
    }
    const bytes = weightOf(request) + (isChunked(request) ? CHUNKS_BYTES : 0);
    line.enter(bytes);
    response.once("socket", () => {
      line.leave(bytes);
      next(request, response);
    });
  };
}
