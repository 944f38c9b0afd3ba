/**
 * The messages in the database while somebody watches a request: the real store does everything, and the rows that it
 * used are shown. It is the counterpart of observed-messages.ts, and shows no message that that would not show.
 */
import type {
  Awaitable,
  ChatEvent,
  Draft,
  EventQuery,
  Messages,
  NotPublished,
  Page,
  PageQuery,
  Published,
} from "../../contract.ts";
import type { Numbered, ObservedEvents } from "./observed-events.ts";
import type { Found, ObservedRows } from "./observed-rows.ts";
import { messageRow } from "./watched-rows.ts";

/** How many rows of a page are shown, if 4 KiB are not enough for fewer. */
const ROWS_OF_A_PAGE = 8;

export class ObservedTableMessages implements Messages {
  readonly #messages: Messages;
  readonly #rows: ObservedRows;
  readonly #events: ObservedEvents;

  constructor(messages: Messages, rows: ObservedRows, events: ObservedEvents) {
    this.#messages = messages;
    this.#rows = rows;
    this.#events = events;
  }

  async publish(draft: Draft): Promise<Published | NotPublished> {
    const since = await this.#events.last();
    const published = await this.#messages.publish(draft);
    if (typeof published === "string") return published;
    const { messageId } = published;
    const sent = await this.#events.find(since, { op: "message", messageId });
    if (sent === undefined) {
      // A retry writes nothing: its answer comes from the row of the first try.
      await this.#rows.showList([messageRow(messageId)]);
      return published;
    }
    await this.#showWritten(messageId, null, sent);
    return published;
  }

  async page(query: PageQuery): Promise<Page> {
    const page = await this.#messages.page(query);
    await this.#rows.showList((await this.#idsIn(page)).map((messageId) => messageRow(messageId)));
    return page;
  }

  pageOfAll(after: number, limit: number): Promise<Page> {
    return this.#messages.pageOfAll(after, limit);
  }

  /** Shows nothing: it is not checked yet whether this user may see the message. */
  find(messageId: number): Awaitable<{ fromId: number; toId: number } | undefined> {
    return this.#messages.find(messageId);
  }

  async edit(messageId: number, message: string): Promise<{ editedAt: string } | undefined> {
    const since = await this.#events.last();
    const before = await this.#rows.read(messageRow(messageId));
    const edited = await this.#messages.edit(messageId, message);
    if (edited === undefined) return undefined;
    const event = await this.#events.find(since, { op: "edit", messageId, message, editedAt: edited.editedAt });
    if (event !== undefined) await this.#showWritten(messageId, before, event);
    return edited;
  }

  async remove(messageId: number): Promise<boolean> {
    const since = await this.#events.last();
    const before = await this.#rows.read(messageRow(messageId));
    const isRemoved = await this.#messages.remove(messageId);
    if (!isRemoved) return false;
    this.#rows.showChange(messageRow(messageId), before, null);
    const event = await this.#events.find(since, { op: "delete", messageId });
    if (event !== undefined) this.#events.show(event);
    return true;
  }

  /** The messages themselves are not shown: whoever leaves has not asked to see them. */
  async dropQueue(userId: number): Promise<void> {
    const since = await this.#events.last();
    await this.#messages.dropQueue(userId);
    const event = await this.#events.find(since, { op: "leave", toId: userId });
    if (event !== undefined) this.#events.show(event);
  }

  pageForStream(query: PageQuery): Promise<Page> {
    return this.#messages.pageForStream(query);
  }

  last(): Awaitable<{ readonly eventId: number; readonly messageId: number }> {
    return this.#messages.last();
  }

  get toldUpTo(): number {
    return this.#messages.toldUpTo;
  }

  lastMessageAt(eventId: number): Awaitable<number | undefined> {
    return this.#messages.lastMessageAt(eventId);
  }

  events(query: EventQuery): Promise<{ events: ChatEvent[]; upTo: number } | "forgotten"> {
    return this.#messages.events(query);
  }

  /** Shows the row that a request wrote, unless somebody has changed it since. The event says what it was in any case. */
  async #showWritten(messageId: number, before: Found, event: Numbered): Promise<void> {
    const row = messageRow(messageId, event.seq);
    const after = await this.#rows.read(row);
    if (after !== null) this.#rows.showChange(row, before, after);
    this.#events.show(event);
  }

  /** The ids of the first messages of a page: what the request really reads. */
  async #idsIn(page: Page): Promise<number[]> {
    this.#rows.witness.pause();
    let messages: { messageId: number }[];
    try {
      messages = JSON.parse(String(await page.json));
    } finally {
      this.#rows.witness.resume();
    }
    return messages.slice(0, ROWS_OF_A_PAGE).map(({ messageId }) => messageId);
  }
}
