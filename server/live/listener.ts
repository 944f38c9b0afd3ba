/**
 * One open stream. First it sends what the client missed, as fast as the client reads. Then, from the very next event
 * on, it sends what happens. It sends each event once and in order, because it knows the id of the last event it
 * handled.
 *
 * Frames wait in memory until the client's system takes them, up to a limit in bytes. A client that is too slow for that
 * is cut off, and can reconnect and resume. So is one that takes nothing for 15 seconds: http/limits/connection-watch.ts sees
 * to that, for streams and for all other replies.
 */
import type { Awaitable, Box, Messages } from "../store/contract.ts";
import {
  COMMENT_FRAME,
  classFrame,
  eventFrame,
  openingFrame,
  positionFrame,
  queueFrame,
  resetFrame,
} from "./frames.ts";

/** How many bytes may wait for a client that does not read: more than ten of the longest messages. */
export const MAX_PENDING_BYTES = 256 * 1024;
/** How many events are read from the files at once for a client that reconnects, at most and at first. */
const MAX_EVENTS_AT_ONCE = 50;
const EVENTS_AT_FIRST = 4;
/** About how many bytes may be read at once: what was read waits until the client takes it. */
const BYTES_AT_ONCE = 64 * 1024;

/** What a client wants its stream to send. */
export interface Subscription {
  userId: number;
  box: Box;
  /** Resume after this event. With a message id, resume after that message in the queue as it was at that event. */
  lastEventId: { eventId: number; messageId: number | undefined } | undefined;
  /** The last event when the request came. A client that has the head of the reply may publish, and must hear of it. */
  requestedAt?: number;
  /** Without `lastEventId`, begin with the messages after this one. Without both, begin with the next event. */
  after: number | undefined;
  /** In class mode, what holds for this user now. */
  news?: (() => Awaitable<object>) | undefined;
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
  readonly #news: (() => Awaitable<object>) | undefined;
  /** The last news that was sent. */
  #lastNews = "";
  /** How often the news was asked for. */
  #newsAsked = 0;
  /** The last event that was sent, or that did not concern this stream. */
  #position: number;
  /** The last event at the moment when the stream began. */
  #missedUpTo = 0;
  /** Whether it gets events as they happen. Until then it reads them from the store. */
  #isLive = false;
  #hasEnded = false;
  /** How many events to read at once. */
  #atOnce = EVENTS_AT_FIRST;
  /** Whether the last heartbeat has not left the server yet. */
  #beatIsPending = false;

  constructor({ userId, box, lastEventId, news }: Subscription, messages: Messages, outlet: Outlet) {
    this.userId = userId;
    this.box = box;
    this.#messages = messages;
    this.#outlet = outlet;
    this.#news = news;
    this.#position = lastEventId?.eventId ?? 0;
  }

  /** Sends what the client does not have yet, then goes live. */
  async begin({ lastEventId, after, requestedAt }: Subscription): Promise<void> {
    const eventId = requestedAt ?? (await this.#messages.last()).eventId;
    this.#missedUpTo = eventId;
    if (lastEventId === undefined) this.#position = eventId;
    this.#write(openingFrame());
    await this.tellNews();
    const toldUpTo = lastEventId === undefined ? after : lastEventId.messageId;
    if (toldUpTo !== undefined) {
      const last = await this.#messages.lastMessageAt(this.#position);
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

  /** In class mode, sends what holds for this user now, unless it is as before. @returns like tell(). */
  async tellNews(): Promise<boolean> {
    if (this.#news === undefined) return true;
    const asked = ++this.#newsAsked;
    const json = JSON.stringify(await this.#news());
    // Somebody has asked again in the meantime, and gets newer news.
    if (asked !== this.#newsAsked) return true;
    if (json === this.#lastNews) return true;
    this.#lastNews = json;
    this.#write(classFrame(json));
    return this.#outlet.writableLength <= MAX_PENDING_BYTES;
  }

  /** Sends a heartbeat, unless the one before has not left yet. */
  beat(): void {
    if (this.#beatIsPending || this.#isOver) return;
    this.#beatIsPending = true;
    if (this.#isLive) this.#position = this.#messages.toldUpTo;
    const frame = this.#isLive ? positionFrame(this.#position) : COMMENT_FRAME;
    this.#write(frame, () => {
      this.#beatIsPending = false;
    });
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
      const query = { userId, box, otherId: undefined, after: from, before: last + 1, limit: this.#atOnce };
      const page = await this.#messages.pageForStream(query);
      const messages: { messageId: number }[] = JSON.parse(String(await page.json));
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
    const query = { userId, box, after: this.#position, missedUpTo: this.#missedUpTo, limit: this.#atOnce };
    const missed = await this.#messages.events(query);
    if (missed === "forgotten") {
      this.#position = (await this.#messages.last()).eventId;
      this.#write(resetFrame(this.#position));
      return;
    }
    this.#position = missed.upTo;
    if (missed.events.length > 0) await this.#flushed(missed.events.map(eventFrame));
    // Nothing can happen between this check and the assignment, so no event is missed or sent twice.
    else if (missed.upTo === this.#messages.toldUpTo) this.#isLive = true;
  }

  /** Writes frames and waits until the client's system has taken them. */
  #flushed(frames: Buffer[]): Promise<void> {
    const bytes = Buffer.concat(frames);
    const fitting = Math.floor((BYTES_AT_ONCE * frames.length) / bytes.length);
    this.#atOnce = Math.min(Math.max(1, fitting), MAX_EVENTS_AT_ONCE);
    return new Promise((resolve) => this.#write(bytes, () => resolve()));
  }

  #write(frame: Buffer, flushed?: () => void): void {
    if (this.#isOver) flushed?.();
    else this.#outlet.write(frame, flushed);
  }
}
