/**
 * Every trace as it happens, for those who watch the whole class: server-sent events, in class mode only. Nobody is
 * waited for: who does not read fast enough gets no more until there is room, and is then told how many it has missed.
 */
import { MAX_PENDING_BYTES, type Outlet } from "../live/listener.ts";
import { Refusal } from "../steps/refusal.ts";

const HEARTBEAT_MILLISECONDS = 15_000;
/** A projector, and the glass of everybody in a large class. */
const MAX_SUBSCRIBERS = 256;
/** Clients take no notice of a comment; it keeps what stands between from taking the stream for dead. */
const HEARTBEAT = Buffer.from(":\n\n");

interface Subscriber {
  outlet: Outlet;
  missed: number;
  /** Whether the last heartbeat is still here. */
  beatIsPending: boolean;
}

export class Feed {
  readonly #subscribers = new Set<Subscriber>();
  readonly #timer: NodeJS.Timeout;

  constructor(heartbeatMilliseconds = HEARTBEAT_MILLISECONDS) {
    this.#timer = setInterval(() => this.#beat(), heartbeatMilliseconds).unref();
  }

  /** Whether anybody watches. If not, nothing needs to be recorded. */
  get isWatched(): boolean {
    return this.#subscribers.size > 0;
  }

  /** @throws {Refusal} 503 when too many watch already. */
  mustHaveRoom(): void {
    if (this.#subscribers.size < MAX_SUBSCRIBERS) return;
    throw new Refusal(503, "Too many watch already.", undefined, { retryAfterSeconds: HEARTBEAT_MILLISECONDS / 1000 });
  }

  add(outlet: Outlet): void {
    const subscriber = { outlet, missed: 0, beatIsPending: false };
    this.#subscribers.add(subscriber);
    outlet.once("close", () => this.#subscribers.delete(subscriber));
    outlet.write(Buffer.from("retry: 1000\n\n"));
  }

  /** Tells a trace to all who watch. */
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

  /** Ends all of them: the server stops. */
  close(): void {
    clearInterval(this.#timer);
    for (const { outlet } of this.#subscribers) outlet.end();
    // Requests that end during the stop are told to nobody any more.
    this.#subscribers.clear();
  }

  #tellMissed(subscriber: Subscriber): void {
    if (subscriber.missed === 0) return;
    subscriber.outlet.write(Buffer.from(`event: missed\ndata: {"count":${subscriber.missed}}\n\n`));
    subscriber.missed = 0;
  }

  #beat(): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.outlet.destroyed) continue;
      if (subscriber.beatIsPending) {
        // Not told of anything from here on, though its end is heard of only later.
        this.#subscribers.delete(subscriber);
        subscriber.outlet.destroy();
        continue;
      }
      this.#tellMissed(subscriber);
      subscriber.beatIsPending = true;
      subscriber.outlet.write(HEARTBEAT, () => {
        subscriber.beatIsPending = false;
      });
    }
  }
}
