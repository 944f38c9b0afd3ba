/**
 * Passes each event of the store on to the fetches that wait and to the open streams. serve.ts connects it to the
 * store, and the operations wait and listen through it.
 */
import type { Audience, ChatEvent } from "../store/contract.ts";
import { Activity } from "./activity.ts";
import { Arrivals } from "./arrivals.ts";
import { Listeners } from "./listeners.ts";

/** Far more than a user with a few tabs on a few devices needs, but low enough to stop a faulty loop early. */
export const OPEN_FOR_EACH = 32;

/** With more users than this, most events concern one of them, and a list of them all would cost more than it saves. */
const MAX_LISTED = 256;

interface LiveOptions {
  heartbeatMilliseconds?: number | undefined;
  openForEach?: number | undefined;
}

export class Live implements Audience {
  readonly activity = new Activity();
  readonly arrivals: Arrivals;
  readonly listeners: Listeners;
  /** How many open streams a user may have, and how many waiting fetches. */
  readonly openForEach: number;
  /** Called when a message is gone, or everything in a queue: the class must not see it any longer. */
  onGone: ((event: ChatEvent) => void) | undefined;
  /** Called when the teacher has decided something. */
  onNews: (() => void) | undefined;

  /** @param options.heartbeatMilliseconds how often each stream gets a heartbeat. */
  constructor({ heartbeatMilliseconds, openForEach = OPEN_FOR_EACH }: LiveOptions = {}) {
    this.openForEach = openForEach;
    this.arrivals = new Arrivals(openForEach);
    this.listeners = new Listeners(openForEach, heartbeatMilliseconds);
  }

  /** Whether a page or a program of this user listens or waits. */
  isHere(userId: number): boolean {
    return this.listeners.has(userId) || this.arrivals.has(userId);
  }

  users(): ReadonlySet<number> | undefined {
    if (this.listeners.count + this.arrivals.waiting > MAX_LISTED) return undefined;
    return new Set([...this.listeners.userIds(), ...this.arrivals.userIds()]);
  }

  passOver(): void {
    this.arrivals.count++;
  }

  /** Passes on an event that is already on the disk. */
  tell(event: ChatEvent): void {
    if (event.type === "message") {
      this.arrivals.announce(event.toId);
      if (event.fromId !== event.toId) this.arrivals.announce(event.fromId);
    }
    this.listeners.tell(event);
    if (event.type === "delete" || event.type === "leave") this.onGone?.(event);
  }

  /** The teacher has decided something. */
  tellNews(): void {
    this.listeners.tellNews();
    this.onNews?.();
  }

  /** Ends the streams of a user whose token has ended, and wakes the waiting fetches, so that they check it again. */
  endUser(userId: number): void {
    this.arrivals.announce(userId);
    this.listeners.endUser(userId);
  }

  /** Ends all of them when the server stops. */
  close(): void {
    this.arrivals.close();
    this.listeners.close();
  }
}
