/**
 * Sends every trace as it happens to everyone who watches the class, as server-sent events, in class mode only. It must
 * not wait for slow subscribers. A subscriber that does not read fast enough misses traces until there is room, and
 * then gets the number that it missed.
 */
import { MAX_PENDING_BYTES, type Outlet } from "../live/listener.ts";
import { Refusal } from "../steps/refusal.ts";

const HEARTBEAT_MILLISECONDS = 15_000;
/** Enough for a projector and for the glass of everyone in a large class. */
const MAX_SUBSCRIBERS = 256;
/**
 * Enough for a class of 30 behind one address, with two pages each and the projector. One computer in the class can have
 * no more than this, so it cannot take all the places and lock out the projector.
 */
export const MAX_FOR_EACH_ADDRESS = 64;
/** A comment, which clients ignore. It keeps proxies from closing the stream as idle. */
const HEARTBEAT = Buffer.from(":\n\n");

interface Subscriber {
  outlet: Outlet;
  address: string;
  missed: number;
  /** Whether the last heartbeat has not left the server yet. */
  beatIsPending: boolean;
}

export class Feed {
  readonly #subscribers = new Set<Subscriber>();
  readonly #timer: NodeJS.Timeout;

  constructor(heartbeatMilliseconds = HEARTBEAT_MILLISECONDS) {
    this.#timer = setInterval(() => this.#beat(), heartbeatMilliseconds).unref();
  }

  /** Whether anybody is watching. If not, nothing needs to be recorded. */
  get isWatched(): boolean {
    return this.#subscribers.size > 0;
  }

  /** @throws {Refusal} 429 if this address is watching too often already, 503 if all places are taken. */
  mustHaveRoom(address: string): void {
    const retryAfterSeconds = HEARTBEAT_MILLISECONDS / 1000;
    let ofAddress = 0;
    for (const subscriber of this.#subscribers) if (subscriber.address === address) ofAddress++;
    if (ofAddress >= MAX_FOR_EACH_ADDRESS) {
      const detail = `Your address is watching ${ofAddress} times already. Close the pages that you do not need.`;
      throw new Refusal(429, detail, undefined, { retryAfterSeconds });
    }
    if (this.#subscribers.size < MAX_SUBSCRIBERS) return;
    throw new Refusal(503, "Too many people are already watching.", undefined, { retryAfterSeconds });
  }

  add(outlet: Outlet, address: string): void {
    const subscriber = { outlet, address, missed: 0, beatIsPending: false };
    this.#subscribers.add(subscriber);
    outlet.once("close", () => this.#subscribers.delete(subscriber));
    outlet.write(Buffer.from("retry: 1000\n\n"));
  }

  /** Sends a trace to all subscribers. */
  tell(traceJson: string): void {
    const frame = Buffer.from(`event: trace\ndata: ${traceJson}\n\n`);
    for (const subscriber of this.#subscribers) {
      if (subscriber.outlet.destroyed) continue;
      if (subscriber.outlet.writableLength + frame.length > MAX_PENDING_BYTES) subscriber.missed++;
      else {
        this.#tellMissed(subscriber);
        subscriber.outlet.write(frame);
      }
    }
  }

  /** Ends all streams when the server stops. */
  close(): void {
    clearInterval(this.#timer);
    for (const { outlet } of this.#subscribers) outlet.end();
    // A request may still end while the server stops. Its trace goes to nobody.
    this.#subscribers.clear();
  }

  #tellMissed(subscriber: Subscriber): void {
    if (subscriber.missed === 0) return;
    subscriber.outlet.write(Buffer.from(`event: missed\ndata: {"count":${subscriber.missed}}\n\n`));
    subscriber.missed = 0;
  }

  #beat(): void {
    for (const subscriber of this.#subscribers) {
      // Whoever takes nothing for long is cut off by http/limits/connection-watch.ts.
      if (subscriber.outlet.destroyed || subscriber.beatIsPending) continue;
      this.#tellMissed(subscriber);
      subscriber.beatIsPending = true;
      subscriber.outlet.write(HEARTBEAT, () => {
        subscriber.beatIsPending = false;
      });
    }
  }
}
