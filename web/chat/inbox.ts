/**
 * The newest messages of all conversations: who wrote last, and what is unread. It is filled once, and then follows the
 * stream.
 */
import type { Message } from "../../client/types.ts";
import type { ReadMarks } from "./read-marks.ts";

const PAGE_MESSAGES = 200;
/** It does not look further back: nobody reads a thousand unread messages. */
const MAX_PAGES = 5;
/** If there are more, the oldest are dropped. */
const MAX_MESSAGES = 5000;

export interface Overview {
  otherId: number;
  /** From the last message. */
  otherHandle: string;
  last: Message;
  unread: number;
}

export class Inbox {
  #messages = new Map<number, Message>();
  readonly #myId: number;
  readonly #marks: ReadMarks;
  /** What happened while the pages were being loaded. */
  #changesWhileLoading: (() => void)[] = [];
  #isLoading = false;

  constructor(myId: number, marks: ReadMarks) {
    this.#myId = myId;
    this.#marks = marks;
  }

  /** The greatest id of a known message. */
  get lastId(): number {
    return Math.max(0, ...this.#messages.keys());
  }

  /** @param readPage reads the messages before an id, sent and received, oldest first. */
  async load(readPage: (before: number, limit: number) => Promise<Message[]>): Promise<void> {
    // If this is called again while a page is being loaded, that page is dropped.
    const changesWhileLoading: (() => void)[] = [];
    this.#changesWhileLoading = changesWhileLoading;
    this.#isLoading = true;
    try {
      const found = new Map<number, Message>();
      let before = Number.MAX_SAFE_INTEGER;
      for (let i = 0; i < MAX_PAGES; i++) {
        const page = await readPage(before, PAGE_MESSAGES);
        if (i === 0) this.#marks.beginAt(page.at(-1)?.messageId ?? 0);
        for (const message of page) found.set(message.messageId, message);
        if (page.length < PAGE_MESSAGES || !page.some((message) => this.#isUnread(message))) break;
        before = page[0]?.messageId ?? 0;
      }
      if (this.#changesWhileLoading === changesWhileLoading) this.#messages = found;
    } finally {
      for (const change of changesWhileLoading) change();
      if (this.#changesWhileLoading === changesWhileLoading) this.#isLoading = false;
    }
  }

  has(messageId: number): boolean {
    return this.#messages.has(messageId);
  }

  put(message: Message): void {
    this.#do(() => {
      this.#messages.set(message.messageId, message);
      const [oldest] = this.#messages.keys();
      if (this.#messages.size > MAX_MESSAGES && oldest !== undefined) this.#messages.delete(oldest);
    });
  }

  remove(isGone: (message: Message) => boolean): void {
    this.#do(() => {
      for (const message of this.#messages.values()) if (isGone(message)) this.#messages.delete(message.messageId);
    });
  }

  /** The other person in a message. */
  otherIn({ fromId, toId }: Message): number {
    return fromId === this.#myId ? toId : fromId;
  }

  /** One for each conversation, newest first. */
  overviews(): Overview[] {
    const overviews = new Map<number, Overview>();
    for (const message of this.#messages.values()) {
      const otherId = this.otherIn(message);
      const known = overviews.get(otherId);
      const last = known === undefined || known.last.messageId < message.messageId ? message : known.last;
      const otherHandle = last.fromId === otherId ? last.fromHandle : last.toHandle;
      const unread = (known?.unread ?? 0) + (this.#isUnread(message) ? 1 : 0);
      overviews.set(otherId, { otherId, otherHandle, last, unread });
    }
    return [...overviews.values()].sort((a, b) => b.last.messageId - a.last.messageId);
  }

  #isUnread(message: Message): boolean {
    const { fromId, messageId } = message;
    return fromId !== this.#myId && !this.#marks.isRead(fromId, messageId);
  }

  /** Pages that are being loaded were read before this change: so make the change now, and again when they are here. */
  #do(change: () => void): void {
    change();
    if (this.#isLoading) this.#changesWhileLoading.push(change);
  }
}
