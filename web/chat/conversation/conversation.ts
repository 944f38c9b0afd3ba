/**
 * A window onto the messages between the user and one other person: only as many as the screen needs. Scrolling back
 * fetches older ones and drops the newest, so a conversation of a hundred thousand messages costs as much as one of a
 * hundred.
 */
import type { Message } from "../../../client/types.ts";

/** How many messages are fetched at once, … */
const PAGE_MESSAGES = 50;
/** … and how many are kept and drawn. */
const MAX_MESSAGES = 200;

/** Reads a page of this conversation after `after` or before `before`, oldest first. */
export type ReadPage = (page: { after?: number; before?: number; limit: number }) => Promise<Message[]>;

export class Conversation {
  /** Oldest first, without a gap. */
  messages: Message[] = [];
  hasOlder = true;
  hasNewer = false;
  isLoading = false;
  #loading: Promise<void> | undefined;
  /** What happened while a page was being loaded. */
  readonly #changesWhileLoading: (() => void)[] = [];
  readonly #readPage: ReadPage;

  constructor(readPage: ReadPage) {
    this.#readPage = readPage;
  }

  /** Loads the newest messages, and drops the ones before. */
  async loadNewest(): Promise<void> {
    // A page that is being loaded was read before this call. Wait for it, or #load() would skip this one.
    while (this.#loading !== undefined) await this.#loading;
    await this.#load(async () => {
      this.messages = await this.#readPage({ before: Number.MAX_SAFE_INTEGER, limit: PAGE_MESSAGES });
      this.hasOlder = this.messages.length === PAGE_MESSAGES;
      this.hasNewer = false;
    });
  }

  /** Reads the window again: what was edited or removed changes, and everything else stays where it is. */
  async refresh(): Promise<void> {
    const [first, last] = [this.messages[0], this.messages.at(-1)];
    if (first === undefined || last === undefined) return this.loadNewest();
    await this.#load(async () => {
      this.messages = await this.#readPage({ after: first.messageId - 1, limit: MAX_MESSAGES });
      const isFull = this.messages.length === MAX_MESSAGES;
      this.hasNewer = isFull && (this.hasNewer || this.messages.at(-1)?.messageId !== last.messageId);
    });
  }

  async loadOlder(): Promise<void> {
    const [first] = this.messages;
    if (!this.hasOlder || first === undefined) return;
    await this.#load(async () => {
      const page = await this.#readPage({ before: first.messageId, limit: PAGE_MESSAGES });
      this.hasOlder = page.length === PAGE_MESSAGES;
      const all = [...page, ...this.messages];
      this.messages = all.slice(0, MAX_MESSAGES);
      this.hasNewer ||= all.length > MAX_MESSAGES;
    });
  }

  async loadNewer(): Promise<void> {
    const last = this.messages.at(-1);
    if (!this.hasNewer || last === undefined) return;
    await this.#load(async () => {
      const page = await this.#readPage({ after: last.messageId, limit: PAGE_MESSAGES });
      this.hasNewer = page.length === PAGE_MESSAGES;
      const all = [...this.messages, ...page];
      this.messages = all.slice(-MAX_MESSAGES);
      this.hasOlder ||= all.length > MAX_MESSAGES;
    });
  }

  /** Adds a message that arrived, was sent or was edited. Adding it twice is the same as adding it once. */
  put(message: Message): void {
    this.#do(() => {
      const place = this.messages.findIndex(({ messageId }) => messageId >= message.messageId);
      if (this.messages[place]?.messageId === message.messageId) this.messages[place] = message;
      else if (place > 0 || (place === 0 && !this.hasOlder)) this.messages.splice(place, 0, message);
      else if (place === -1 && !this.hasNewer) this.#append(message);
      // Any other message is outside the window. It is fetched when the user scrolls there.
    });
  }

  /** Removes the messages that are gone. */
  remove(isGone: (message: Message) => boolean): void {
    this.#do(() => {
      this.messages = this.messages.filter((message) => !isGone(message));
    });
  }

  #append(message: Message): void {
    this.messages.push(message);
    // An older page that is being loaded must still join on to the first message, so keep that one.
    if (this.messages.length <= MAX_MESSAGES || this.isLoading) return;
    this.messages.splice(0, this.messages.length - MAX_MESSAGES);
    this.hasOlder = true;
  }

  /**
   * A page that is being loaded was read before this change: so make the change now, and again when the page is here.
   */
  #do(change: () => void): void {
    change();
    if (this.isLoading) this.#changesWhileLoading.push(change);
  }

  /** Loads one page at a time: two pages that come at once would be joined in the wrong order. */
  async #load(work: () => Promise<void>): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    const done = Promise.withResolvers<void>();
    this.#loading = done.promise;
    try {
      await work();
    } finally {
      this.isLoading = false;
      this.#loading = undefined;
      done.resolve();
      for (const change of this.#changesWhileLoading.splice(0)) change();
    }
  }
}
