/**
 * One open stream. It is told what it has missed first, at the pace at which its client reads, and then, from the very
 * next event on, what happens. Each event once, in order: a listener knows the id of the last event that it was told of.
 *
 * What is told waits in memory until the client's system has taken it. That is allowed up to a bound in bytes, and no
 * longer than from one heartbeat to the next; a client for which it is not enough comes back and goes on where it was.
 */
import type { Box, Messages } from "../store/contract.ts";
import { COMMENT_FRAME, eventFrame, openingFrame, positionFrame, queueFrame, resetFrame } from "./frames.ts";

/** So much may wait for a client that does not read: more than ten of the longest messages. */
export const MAX_PENDING_BYTES = 256 * 1024;
/** So many events are read from the files at once for a client that comes back. */
const EVENTS_AT_ONCE = 50;

/** What somebody wants to be told. */
export interface Subscription {
  userId: number;
  box: Box;
  /** Go on behind this event; with a message, behind that message in what the queue was then. */
  lastEventId: { eventId: number; messageId: number | undefined } | undefined;
  /** Where there is no such event, begin with the messages behind this one. Without both, begin with what comes now. */
  after: number | undefined;
}

/** Where the frames go: a `ServerResponse`. */
export interface Outlet {
  readonly writableLength: number;
  readonly destroyed: boolean;
  write(frame: Buffer, flushed?: (error?: Error | null) => void): boolean;
  end(): void;
  destroy(): void;
  once(event: "close", listener: () => void): void;
}

export class Listener {
  readonly userId: number;
  readonly box: Box;
  readonly #messages: Messages;
  readonly #outlet: Outlet;
  /** The last event that was told, or looked at and found to be no concern of this stream. */
  #position: number;
  /** Whether it is told of events as they happen; before, it looks for them itself. */
  #isLive = false;
  #hasEnded = false;
  /** Whether the last heartbeat is still here. */
  #beatIsPending = false;

  constructor({ userId, box, lastEventId }: Subscription, messages: Messages, outlet: Outlet) {
    this.userId = userId;
    this.box = box;
    this.#messages = messages;
    this.#outlet = outlet;
    this.#position = lastEventId?.eventId ?? messages.last.eventId;
  }

  /** Tells what the client does not have yet, and then lets it be told what happens. */
  async begin({ lastEventId, after }: Subscription): Promise<void> {
    this.#write(openingFrame());
    const toldUpTo = lastEventId === undefined ? after : lastEventId.messageId;
    if (toldUpTo !== undefined) {
      const last = this.#messages.lastMessageAt(this.#position);
      // Where that is not known any more, neither are the events: the client is told so below.
      if (last !== undefined) await this.#tellQueue(toldUpTo, last);
    }
    this.#write(positionFrame(this.#position));
    while (!this.#isLive && !this.#isOver) await this.#tellMissed();
  }

  /** @returns false when too much waits already. */
  tell(eventId: number, frame: Buffer): boolean {
    if (!this.#isLive) return true;
    this.#position = eventId;
    this.#write(frame);
    return this.#outlet.writableLength <= MAX_PENDING_BYTES;
  }

  /** @returns false when the heartbeat before this one has not left yet. */
  beat(): boolean {
    if (this.#beatIsPending || this.#hasEnded) return false;
    this.#beatIsPending = true;
    if (this.#isLive) this.#position = this.#messages.last.eventId;
    const frame = this.#isLive ? positionFrame(this.#position) : COMMENT_FRAME;
    this.#write(frame, () => {
      this.#beatIsPending = false;
    });
    return true;
  }

  /** Ends the stream as a reply ends: what was told before still arrives. */
  end(): void {
    this.#hasEnded = true;
    this.#outlet.end();
  }

  /** Ends the stream at once. */
  cut(): void {
    this.#hasEnded = true;
    this.#outlet.destroy();
  }

  get #isOver(): boolean {
    return this.#hasEnded || this.#outlet.destroyed;
  }

  /** The messages of the queue from `after` up to `last`: what came later, the events tell. */
  async #tellQueue(after: number, last: number): Promise<void> {
    const { userId, box } = this;
    let from = after;
    while (!this.#isOver) {
      const query = { userId, box, otherId: undefined, after: from, before: last + 1, limit: EVENTS_AT_ONCE };
      const page = await this.#messages.pageForStream(query);
      if (page === "damaged") {
        this.#write(resetFrame(this.#position));
        return;
      }
      const messages: { messageId: number }[] = JSON.parse(page.json.toString());
      from = messages.at(-1)?.messageId ?? last;
      if (messages.length === 0) return;
      const eventId = this.#position;
      await this.#flushed(
        messages.map((each) => queueFrame(JSON.stringify(each), { eventId, messageId: each.messageId })),
      );
    }
  }

  async #tellMissed(): Promise<void> {
    const { userId, box } = this;
    const missed = await this.#messages.events({ userId, box, after: this.#position, limit: EVENTS_AT_ONCE });
    if (missed === "forgotten") {
      this.#position = this.#messages.last.eventId;
      this.#write(resetFrame(this.#position));
      return;
    }
    this.#position = missed.upTo;
    if (missed.events.length > 0) await this.#flushed(missed.events.map(eventFrame));
    // Nothing can happen between this question and the next line, so nothing is missed and nothing told twice.
    else if (missed.upTo === this.#messages.last.eventId) this.#isLive = true;
  }

  /** Writes frames, and waits until the client's system has taken them. */
  #flushed(frames: Buffer[]): Promise<void> {
    return new Promise((resolve) => this.#write(Buffer.concat(frames), () => resolve()));
  }

  #write(frame: Buffer, flushed?: () => void): void {
    if (this.#isOver) flushed?.();
    else this.#outlet.write(frame, flushed);
  }
}
