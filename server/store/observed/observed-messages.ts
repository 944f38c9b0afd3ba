/**
 * The messages while somebody watches a request: the real store does everything, and the lines of the journal that it
 * used are shown.
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
} from "../contract.ts";
import type { MessageIndex } from "../index/message-index.ts";
import type { ObservedJournal } from "./observed-journal.ts";

export class ObservedMessages implements Messages {
  readonly #messages: Messages;
  readonly #index: MessageIndex;
  readonly #journal: ObservedJournal;

  constructor(messages: Messages, index: MessageIndex, journal: ObservedJournal) {
    this.#messages = messages;
    this.#index = index;
    this.#journal = journal;
  }

  async publish(draft: Draft): Promise<Published | NotPublished> {
    const last = this.#index.lastMessageId;
    const published = await this.#journal.showAppended(
      () => this.#messages.publish(draft),
      (record, result) => record.op === "post" && typeof result === "object" && record.messageId === result.messageId,
    );
    // A retry appends nothing: its answer comes from the line of the first try.
    if (typeof published === "object" && published.messageId <= last) this.#showMessage(published.messageId);
    return published;
  }

  page(query: PageQuery): Promise<Page> {
    this.#journal.showRead(this.#index.messages.page(query));
    return this.#messages.page(query);
  }

  pageOfAll(after: number, limit: number): Promise<Page> {
    return this.#messages.pageOfAll(after, limit);
  }

  /** Shows nothing: it is not checked yet whether this user may see the message. */
  find(messageId: number): Awaitable<{ fromId: number; toId: number } | undefined> {
    return this.#messages.find(messageId);
  }

  edit(messageId: number, message: string): Promise<{ editedAt: string } | undefined> {
    this.#showMessage(messageId);
    return this.#journal.showAppended(
      () => this.#messages.edit(messageId, message),
      (record) => record.op === "edit" && record.messageId === messageId,
    );
  }

  remove(messageId: number): Promise<boolean> {
    this.#showMessage(messageId);
    return this.#journal.showAppended(
      () => this.#messages.remove(messageId),
      (record) => record.op === "delete" && record.messageId === messageId,
    );
  }

  dropQueue(userId: number): Promise<void> {
    return this.#journal.showAppended(
      () => this.#messages.dropQueue(userId),
      (record) => record.op === "leave" && record.userId === userId,
    );
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

  #showMessage(messageId: number): void {
    const row = this.#index.messages.find(messageId)?.row;
    if (row !== undefined) this.#journal.showRead([row]);
  }
}
