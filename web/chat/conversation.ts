/**
 * The messages between oneself and somebody, as many as are needed to look at: a window onto the queue. Scrolling back
 * fetches older ones and lets go of the newest, so that a conversation of a hundred thousand messages costs as much as
 * one of a hundred.
 */
import type { Message } from "../../client/types.ts";

/** So many are fetched at once, … */
const PAGE_MESSAGES = 50;
/** … and so many are held, and drawn. */
const MAX_MESSAGES = 200;

/** Reads a page of this conversation: behind `after`, or before `before`, oldest first. */
export type ReadPage = (page: { after?: number; before?: number; limit: number }) => Promise<Message[]>;

export class Conversation {
  /** Without a gap, oldest first. */
  messages: Message[] = [];
  hasOlder = true;
  hasNewer = false;
  isLoading = false;
  #loading: Promise<void> | undefined;
  /** What has happened while a page was on its way. */
  readonly #meanwhile: (() => void)[] = [];
  readonly #readPage: ReadPage;

  constructor(readPage: ReadPage) {
    this.#readPage = readPage;
  }

  /** The newest messages, in the place of whatever was there before. */
  async loadNewest(): Promise<void> {
    // What is on its way was read before now: this must not be left out for it.
    while (this.#loading !== undefined) await this.#loading;
    await this.#load(async () => {
      this.messages = await this.#readPage({ before: Number.MAX_SAFE_INTEGER, limit: PAGE_MESSAGES });
      this.hasOlder = this.messages.length === PAGE_MESSAGES;
      this.hasNewer = false;
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

  /** A message that has arrived, been sent or been edited. Told twice, it counts once. */
  put(message: Message): void {
    this.#do(() => {
      const place = this.messages.findIndex(({ messageId }) => messageId >= message.messageId);
      if (this.messages[place]?.messageId === message.messageId) this.messages[place] = message;
      else if (place > 0 || (place === 0 && !this.hasOlder)) this.messages.splice(place, 0, message);
      else if (place === -1 && !this.hasNewer) this.#append(message);
      // Anything else lies outside of the window: it is there when the window gets there.
    });
  }

  /** Takes out what is gone. */
  remove(isGone: (message: Message) => boolean): void {
    this.#do(() => {
      this.messages = this.messages.filter((message) => !isGone(message));
    });
  }

  #append(message: Message): void {
    this.messages.push(message);
    // An older page that is on its way is to fit on to what is the first now.
    if (this.messages.length <= MAX_MESSAGES || this.isLoading) return;
    this.messages.splice(0, this.messages.length - MAX_MESSAGES);
    this.hasOlder = true;
  }

  /** A page that is on its way was read before this happened: so it is done now, and again when the page is here. */
  #do(change: () => void): void {
    change();
    if (this.isLoading) this.#meanwhile.push(change);
  }

  /** One at a time: two pages that come at once would be put beside each other in the wrong order. */
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
      for (const change of this.#meanwhile.splice(0)) change();
    }
  }
}
