/**
 * One open stream. First it sends what the client missed, as fast as the client reads. Then, from the very next event
 * on, it sends what happens. It sends each event once and in order, because it knows the id of the last event it
 * handled.
 *
 * Frames wait in memory until the client's system takes them. They may wait up to a limit in bytes, and no longer than
 * from one heartbeat to the next. A client that is too slow for that is cut off, and can reconnect and resume.
 */
import type { Box, Messages } from "../store/contract.ts";
import { COMMENT_FRAME, eventFrame, openingFrame, positionFrame, queueFrame, resetFrame } from "./frames.ts";

/** How many bytes may wait for a client that does not read: more than ten of the longest messages. */
export const MAX_PENDING_BYTES = 256 * 1024;
/** How many events are read from the files at once for a client that reconnects. */
const EVENTS_AT_ONCE = 50;

/** What a client wants its stream to send. */
export interface Subscription {
  userId: number;
  box: Box;
  /** Resume after this event. With a message id, resume after that message in the queue as it was at that event. */
  lastEventId: { eventId: number; messageId: number | undefined } | undefined;
  /** Without `lastEventId`, begin with the messages after this one. Without both, begin with the next event. */
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
  /** The last event that was sent, or that did not concern this stream. */
  #position: number;
  /** Whether it gets events as they happen. Until then it reads them from the store. */
  #isLive = false;
  #hasEnded = false;
  /** Whether the last heartbeat has not left the server yet. */
  #beatIsPending = false;

  constructor({ userId, box, lastEventId }: Subscription, messages: Messages, outlet: Outlet) {
    this.userId = userId;
    this.box = box;
    this.#messages = messages;
    this.#outlet = outlet;
    this.#position = lastEventId?.eventId ?? messages.last.eventId;
  }

  /** Sends what the client does not have yet, then goes live. */
  async begin({ lastEventId, after }: Subscription): Promise<void> {
    this.#write(openingFrame());
    const toldUpTo = lastEventId === undefined ? after : lastEventId.messageId;
    if (toldUpTo !== undefined) {
      const last = this.#messages.lastMessageAt(this.#position);
      // If the store no longer knows that, it does not know the events either, and the client gets a reset below.
      if (last !== undefined) await this.#tellQueue(toldUpTo, last);
    }
    this.#write(positionFrame(this.#position));
    while (!this.#isLive && !this.#isOver) await this.#tellMissed();
  }

  /** Sends an event as it happens. @returns false if too many bytes are waiting: the caller must cut the stream. */
  tell(eventId: number, frame: Buffer): boolean {
    if (!this.#isLive) return true;
    this.#position = eventId;
    this.#write(frame);
    return this.#outlet.writableLength <= MAX_PENDING_BYTES;
  }

  /** Sends a heartbeat. @returns false if the one before has not left yet: the caller must cut the stream. */
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

  /** Ends the stream normally: frames already written still arrive. */
  end(): void {
    this.#hasEnded = true;
    this.#outlet.end();
  }

  /** Closes the connection at once. */
  cut(): void {
    this.#hasEnded = true;
    this.#outlet.destroy();
  }

  get #isOver(): boolean {
    return this.#hasEnded || this.#outlet.destroyed;
  }

  /** Sends the messages of the queue after `after` up to `last`. Later ones come as events. */
  async #tellQueue(after: number, last: number): Promise<void> {
    const { userId, box } = this;
    let from = after;
    while (!this.#isOver) {
      const query = { userId, box, otherId: undefined, after: from, before: last + 1, limit: EVENTS_AT_ONCE };
      const page = await this.#messages.pageForStream(query);
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
    // Nothing can happen between this check and the assignment, so no event is missed or sent twice.
    else if (missed.upTo === this.#messages.last.eventId) this.#isLive = true;
  }

  /** Writes frames and waits until the client's system has taken them. */
  #flushed(frames: Buffer[]): Promise<void> {
    return new Promise((resolve) => this.#write(Buffer.concat(frames), () => resolve()));
  }

  #write(frame: Buffer, flushed?: () => void): void {
    if (this.#isOver) flushed?.();
    else this.#outlet.write(frame, flushed);
  }
}
