/**
 * All open streams. It makes the frame of an event once and gives it to each stream that the event concerns. Each
 * stream first catches up on its own (listener.ts). It must not wait for slow clients: a stream that does not read is
 * cut off, and nothing of it stays in memory.
 */
import { concerns } from "../store/concerns.ts";
import type { ChatEvent, Messages } from "../store/contract.ts";
import { eventFrame } from "./frames.ts";
import { Listener, type Outlet, type Subscription } from "./listener.ts";

/** How often each stream gets a heartbeat, so that proxies do not close it as idle. */
const HEARTBEAT_MILLISECONDS = 15_000;
/** How many times the timer runs in that time. Each time, only the streams whose heartbeat is due get one. */
const PARTS = 30;

export class Listeners {
  /** How many streams were cut off because their client did not read, for /metrics. */
  letGo = 0;
  readonly #byUser = new Map<number, Set<Listener>>();
  /** All streams with the time of their next heartbeat, the earliest first. */
  readonly #byHeartbeat = new Map<Listener, number>();
  readonly #maxPerUser: number;
  readonly #heartbeatMilliseconds: number;
  readonly #timer: NodeJS.Timeout;
  #open = true;

  /** @param maxPerUser how many open streams one user may have. */
  constructor(maxPerUser: number, heartbeatMilliseconds = HEARTBEAT_MILLISECONDS) {
    this.#maxPerUser = maxPerUser;
    this.#heartbeatMilliseconds = heartbeatMilliseconds;
    this.#timer = setInterval(() => this.#beat(performance.now()), heartbeatMilliseconds / PARTS).unref();
  }

  /** How many streams are open. */
  get count(): number {
    return this.#byHeartbeat.size;
  }

  /** The users who have an open stream. */
  userIds(): Iterable<number> {
    return this.#byUser.keys();
  }

  /** Whether a user has an open stream. */
  has(userId: number): boolean {
    return this.#byUser.has(userId);
  }

  /** Whether a user may open another stream. */
  hasRoom(userId: number): boolean {
    return (this.#byUser.get(userId)?.size ?? 0) < this.#maxPerUser;
  }

  /**
   * Adds a stream. It ends when the client hangs up, the user's token ends, or the server stops.
   * @returns a function that begins it. What that returns resolves when the stream has caught up.
   */
  add(subscription: Subscription, messages: Messages, outlet: Outlet): () => Promise<void> {
    const listener = new Listener(subscription, messages, outlet);
    const { userId } = subscription;
    // Several streams may have found room in the same turn. One too many ends, and gets the reason when it reconnects.
    if (!this.#open || !this.hasRoom(userId)) {
      listener.end();
      return () => Promise.resolve();
    }
    const others = this.#byUser.get(userId);
    if (others === undefined) this.#byUser.set(userId, new Set([listener]));
    else others.add(listener);
    this.#byHeartbeat.set(listener, performance.now() + this.#heartbeatMilliseconds);
    outlet.once("close", () => this.#remove(listener));
    return () => listener.begin(subscription);
  }

  /** Sends an event to every stream that it concerns. */
  tell(event: ChatEvent): void {
    if (this.#byHeartbeat.size === 0) return;
    let frame: Buffer | undefined;
    const tellEach = (listeners: Iterable<Listener>) => {
      for (const listener of listeners) {
        if (!concerns(event, listener)) continue;
        frame ??= eventFrame(event);
        if (!listener.tell(event.eventId, frame)) this.#letGo(listener);
      }
    };
    if (event.type === "leave") {
      tellEach(this.#byHeartbeat.keys());
      return;
    }
    tellEach(this.#byUser.get(event.toId) ?? []);
    if (event.fromId !== event.toId) tellEach(this.#byUser.get(event.fromId) ?? []);
  }

  /** Something has changed for a class: each stream sends what concerns its user. */
  tellNews(): void {
    for (const listener of this.#byHeartbeat.keys()) {
      listener.tellNews().then(
        (isTaken) => {
          if (!isTaken) this.#letGo(listener);
        },
        // What holds for the user is not known: the client connects again, and asks then.
        () => listener.end(),
      );
    }
  }

  /** Ends the streams of a user whose token has ended. */
  endUser(userId: number): void {
    for (const listener of this.#byUser.get(userId) ?? []) listener.end();
  }

  /** Ends all streams when the server stops. Their clients reconnect to the next server and resume. */
  close(): void {
    this.#open = false;
    clearInterval(this.#timer);
    for (const listener of this.#byHeartbeat.keys()) listener.end();
  }

  #beat(now: number): void {
    for (const [listener, due] of this.#byHeartbeat) {
      if (due > now) return;
      this.#byHeartbeat.delete(listener);
      this.#byHeartbeat.set(listener, now + this.#heartbeatMilliseconds);
      listener.beat();
    }
  }

  #letGo(listener: Listener): void {
    this.letGo++;
    listener.cut();
  }

  #remove(listener: Listener): void {
    this.#byHeartbeat.delete(listener);
    const others = this.#byUser.get(listener.userId);
    others?.delete(listener);
    if (others?.size === 0) this.#byUser.delete(listener.userId);
  }
}
