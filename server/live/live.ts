/**
 * Everything live, as one part: fetches that wait, and streams that are open. The store says what has happened, and
 * both kinds hear of it.
 */
import type { ChatEvent } from "../store/contract.ts";
import { Arrivals } from "./arrivals.ts";
import { Listeners } from "./listeners.ts";

export class Live {
  readonly arrivals = new Arrivals();
  readonly listeners: Listeners;

  /** @param heartbeatMilliseconds how often something is sent on each stream. */
  constructor(heartbeatMilliseconds?: number) {
    this.listeners = new Listeners(heartbeatMilliseconds);
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
