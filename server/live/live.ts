/**
 * Everything live, as one part: fetches that wait, and streams that are open. The store says what has happened, and
 * both kinds hear of it.
 */
import type { ChatEvent } from "../store/contract.ts";
import { Arrivals } from "./arrivals.ts";
import { Listeners } from "./listeners.ts";

/** Somebody with a few tabs on a few devices is far below it; a loop in the wrong place is stopped early. */
export const OPEN_FOR_EACH = 32;

export interface LiveOptions {
  heartbeatMilliseconds?: number | undefined;
  openForEach?: number | undefined;
}

export class Live {
  readonly arrivals: Arrivals;
  readonly listeners: Listeners;
  /** So many streams a user may have open, and as many fetches that wait. */
  readonly openForEach: number;

  /** @param options.heartbeatMilliseconds how often something is sent on each stream. */
  constructor({ heartbeatMilliseconds, openForEach = OPEN_FOR_EACH }: LiveOptions = {}) {
    this.openForEach = openForEach;
    this.arrivals = new Arrivals(openForEach);
    this.listeners = new Listeners(openForEach, heartbeatMilliseconds);
  }

  /** Something has happened, and it is on the disk. */
  tell(event: ChatEvent): void {
    if (event.type === "message") {
      this.arrivals.announce(event.toId);
      if (event.fromId !== event.toId) this.arrivals.announce(event.fromId);
    }
    this.listeners.tell(event);
  }

  /** The token of a user has ended: whoever waits or listens with it must not go on. */
  endUser(userId: number): void {
    this.arrivals.announce(userId);
    this.listeners.endUser(userId);
  }

  /** The server stops. */
  close(): void {
    this.arrivals.close();
    this.listeners.close();
  }
}
