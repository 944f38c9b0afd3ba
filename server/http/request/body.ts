/**
 * Reads the body of a request into one piece of memory, for the fast path and for Fastify. Nearly every body arrives
 * whole. One that does not is held for as long as its client takes to send the rest, and it counts while it is held.
 */
import type { IncomingMessage } from "node:http";
import { Refusal } from "../../steps/refusal.ts";
import type { HeldBytes, Holder } from "./held-bytes.ts";
import { isChunked, MAX_BODY_BYTES } from "./request-weight.ts";

/** The slowest requests have ended by then. */
const RETRY_SECONDS = 30;

/** Gets the whole body, or the reason why the server does not take it: it is too long, or there is no room for it. */
type BodyTaker = (body: Buffer | Refusal | undefined) => void;

/** Calls `done` once. If the client hangs up first, it is not called: no reply could arrive. */
export function readBody(request: IncomingMessage, held: HeldBytes, done: BodyTaker): void {
  const length = isChunked(request) ? Number.NaN : Number(request.headers["content-length"] ?? 0);
  if (length > MAX_BODY_BYTES) {
    done(tooLong());
    return;
  }
  let whole: Buffer | undefined;
  let unfinished: UnfinishedBody | undefined;
  request.on("data", (piece: Buffer) => {
    if (piece.length === length) {
      whole = piece;
      return;
    }
    unfinished ??= new UnfinishedBody(request, held, done);
    unfinished.add(piece);
  });
  request.on("end", () => {
    if (unfinished === undefined) done(whole);
    else unfinished.end();
  });
}

/** A body that arrives in pieces. They may be single bytes, so they are copied together: each piece is an object. */
class UnfinishedBody implements Holder {
  readonly #held: HeldBytes;
  readonly #done: BodyTaker;
  #bytes = Buffer.alloc(0);
  #length = 0;
  #isOver = false;

  constructor(request: IncomingMessage, held: HeldBytes, done: BodyTaker) {
    this.#held = held;
    this.#done = done;
    request.once("close", () => this.#drop());
  }

  add(piece: Buffer): void {
    if (this.#isOver) return;
    const length = this.#length + piece.length;
    if (length > MAX_BODY_BYTES) {
      this.#drop();
      this.#done(tooLong());
      return;
    }
    if (length > this.#bytes.length) {
      const roomier = Buffer.allocUnsafeSlow(Math.min(Math.max(2 * length, 1024), MAX_BODY_BYTES));
      this.#bytes.copy(roomier, 0, 0, this.#length);
      this.#bytes = roomier;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = length;
    this.#held.hold(this, this.#bytes.length);
  }

  end(): void {
    if (this.#isOver) return;
    const body = this.#bytes.subarray(0, this.#length);
    this.#drop();
    this.#done(body);
  }

  letGo(): void {
    this.#drop();
    const detail = "Too many clients are sending long requests at the moment. Nothing was stored. Try again later.";
    this.#done(new Refusal(503, detail, undefined, { retryAfterSeconds: RETRY_SECONDS }));
  }

  #drop(): void {
    this.#isOver = true;
    this.#bytes = Buffer.alloc(0);
    this.#held.release(this);
  }
}

function tooLong(): Refusal {
  return new Refusal(413, "The request body is longer than 64 KiB.");
}
