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
  /** Whether the teacher is watching: asked each time, because the key may be replaced. Undefined for the others. */
  isTeacher: (() => Promise<boolean>) | undefined;
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

  /** @param isTeacher for the teacher, who sees more: whether the key still counts. */
  add(outlet: Outlet, address: string, isTeacher?: () => Promise<boolean>): void {
    const subscriber = { outlet, address, isTeacher, missed: 0, beatIsPending: false };
    this.#subscribers.add(subscriber);
    outlet.once("close", () => this.#subscribers.delete(subscriber));
    outlet.write(Buffer.from("retry: 1000\n\n"));
  }

  /** Sends a trace to all subscribers. @param forClass undefined if only the teacher may see it. */
  async tell(forClass: string | undefined, forTeacher = forClass): Promise<void> {
    const [toClass, toTeacher] = [forClass, forTeacher].map((json) =>
      json === undefined ? undefined : Buffer.from(`event: trace\ndata: ${json}\n\n`),
    );
    for (const subscriber of this.#subscribers) {
      const { isTeacher, outlet } = subscriber;
      const frame = isTeacher === undefined ? toClass : toTeacher;
      if (frame === undefined) continue;
      const isStillTeacher = await isTeacher?.().catch(() => "unknown" as const);
      if (isStillTeacher === false) outlet.end();
      else if (isStillTeacher === "unknown") subscriber.missed++;
      else this.#send(subscriber, frame);
    }
  }

  /** There was a trace that nobody got. Each subscriber hears of it with the next one. */
  miss(): void {
    for (const subscriber of this.#subscribers) subscriber.missed++;
  }

  /** What the teacher has decided has changed: a wall must look again at what it shows. */
  tellClass(facts: object): void {
    this.#sendToAll("class", facts);
  }

  /** A message is gone, or all messages to a user. A wall that shows one of them must take it away. */
  tellGone(which: { messageId: number } | { toId: number }): void {
    this.#sendToAll("gone", which);
  }

  /** Ends all streams. Their clients connect again, and ask for everything then. */
  endAll(): void {
    for (const { outlet } of this.#subscribers) outlet.end();
  }

  /** Ends all streams when the server stops. */
  close(): void {
    clearInterval(this.#timer);
    this.endAll();
    // A request may still end while the server stops. Its trace goes to nobody.
    this.#subscribers.clear();
  }

  #sendToAll(event: string, data: object): void {
    const frame = Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const { outlet } of this.#subscribers) if (!outlet.destroyed) outlet.write(frame);
  }

  #send(subscriber: Subscriber, frame: Buffer): void {
    const { outlet } = subscriber;
    if (outlet.destroyed) return;
    if (outlet.writableLength + frame.length > MAX_PENDING_BYTES) subscriber.missed++;
    else {
      this.#tellMissed(subscriber);
      outlet.write(frame);
    }
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
