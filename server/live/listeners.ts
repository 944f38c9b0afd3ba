/**
 * Who listens: the streams that are open, and what they are told. An event is put into the words of server-sent events
 * once, and given to each stream that it concerns; a stream that comes back is first told what it has missed
 * (listener.ts). Nobody is waited for: a stream that does not read is let go, and nothing of it stays in memory.
 */
import { concerns } from "../store/concerns.ts";
import type { ChatEvent, Messages } from "../store/contract.ts";
import { eventFrame } from "./frames.ts";
import { Listener, type Outlet, type Subscription } from "./listener.ts";

/** So often something is sent on each stream, so that whatever stands between does not take it for dead. */
const HEARTBEAT_MILLISECONDS = 15_000;
/** In so many parts the time between two heartbeats is cut, and in each a part of the streams gets its own. */
const PARTS = 30;

export class Listeners {
  /** How many streams were let go because they did not read, for /metrics. */
  letGo = 0;
  readonly #byUser = new Map<number, Set<Listener>>();
  /** All of them, the one whose heartbeat is due next in front. */
  readonly #byHeartbeat = new Map<Listener, number>();
  readonly #mostForEach: number;
  readonly #heartbeatMilliseconds: number;
  readonly #timer: NodeJS.Timeout;
  #open = true;

  /** @param mostForEach so many streams one user may have open. */
  constructor(mostForEach: number, heartbeatMilliseconds = HEARTBEAT_MILLISECONDS) {
    this.#mostForEach = mostForEach;
    this.#heartbeatMilliseconds = heartbeatMilliseconds;
    this.#timer = setInterval(() => this.#beat(performance.now()), heartbeatMilliseconds / PARTS).unref();
  }

  /** How many streams are open. */
  get count(): number {
    return this.#byHeartbeat.size;
  }

  /** Whether a user may open one more stream. */
  hasRoom(userId: number): boolean {
    return (this.#byUser.get(userId)?.size ?? 0) < this.#mostForEach;
  }

  /**
   * Begins to tell a stream, until its client goes, its user does, or the server stops.
   * @returns when it has been told everything that there was.
   */
  async add(subscription: Subscription, messages: Messages, outlet: Outlet): Promise<void> {
    const listener = new Listener(subscription, messages, outlet);
    const { userId } = subscription;
    // Others may have come in the same turn, all of which found room. Whoever comes back is told why there is none.
    if (!this.#open || !this.hasRoom(userId)) {
      listener.end();
      return;
    }
    const others = this.#byUser.get(userId);
    if (others === undefined) this.#byUser.set(userId, new Set([listener]));
    else others.add(listener);
    this.#byHeartbeat.set(listener, performance.now() + this.#heartbeatMilliseconds);
    outlet.once("close", () => this.#remove(listener));
    await listener.begin(subscription);
  }

  /** Tells an event to all whom it concerns. */
  tell(event: ChatEvent): void {
    if (this.#byHeartbeat.size === 0) return;
    let frame: Buffer | undefined;
    const tellThose = (listeners: Iterable<Listener>) => {
      for (const listener of listeners) {
        if (!concerns(event, listener)) continue;
        frame ??= eventFrame(event);
        if (!listener.tell(event.eventId, frame)) this.#letGo(listener);
      }
    };
    if (event.type === "leave") {
      tellThose(this.#byHeartbeat.keys());
      return;
    }
    tellThose(this.#byUser.get(event.toId) ?? []);
    if (event.fromId !== event.toId) tellThose(this.#byUser.get(event.fromId) ?? []);
  }

  /** Ends the streams of a user whose token has ended. */
  endUser(userId: number): void {
    for (const listener of this.#byUser.get(userId) ?? []) listener.end();
  }

  /** Ends all streams: the server stops. Their clients come back to the next one, and go on where they were. */
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
      if (!listener.beat()) this.#letGo(listener);
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
