/**
 * The newest messages of all conversations together: who wrote last, and what is unread. It is filled once, and then
 * follows the stream.
 */
import type { Message } from "../../client/types.ts";
import type { ReadMarks } from "./read-marks.ts";

const PAGE_MESSAGES = 200;
/** Further back nothing is looked for: nobody reads a thousand unread messages. */
const MAX_PAGES = 5;
/** What has arrived is let go of, too, some day. */
const MAX_MESSAGES = 5000;

export interface Overview {
  otherId: number;
  /** As the last message has it. */
  otherHandle: string;
  last: Message;
  unread: number;
}

export class Inbox {
  #messages = new Map<number, Message>();
  readonly #myId: number;
  readonly #marks: ReadMarks;
  /** What has happened while the pages were on their way. */
  #meanwhile: (() => void)[] = [];
  #isLoading = false;

  constructor(myId: number, marks: ReadMarks) {
    this.#myId = myId;
    this.#marks = marks;
  }

  /** The greatest id of a message that is known. */
  get lastId(): number {
    return Math.max(0, ...this.#messages.keys());
  }

  /** @param readPage the messages before one, sent and received, oldest first. */
  async load(readPage: (before: number, limit: number) => Promise<Message[]>): Promise<void> {
    // Who loads again while a page is on its way does not want that page any more.
    const meanwhile: (() => void)[] = [];
    this.#meanwhile = meanwhile;
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
      if (this.#meanwhile === meanwhile) this.#messages = found;
    } finally {
      for (const change of meanwhile) change();
      if (this.#meanwhile === meanwhile) this.#isLoading = false;
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

  /** Who the other one is in a message. */
  otherIn({ fromId, toId }: Message): number {
    return fromId === this.#myId ? toId : fromId;
  }

  /** One for each conversation, the newest first. */
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

  /** Pages that are on their way were read before this happened: so it is done now, and again when they are here. */
  #do(change: () => void): void {
    change();
    if (this.#isLoading) this.#meanwhile.push(change);
  }
}
