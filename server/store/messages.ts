/**
 * The messages: does what the operations ask for, with the journal and its index. Every change appends an event to the
 * journal, and returns when that event is on the disk and in the index.
 */
import type { ChatEvent, Draft, EventQuery, Messages, NotPublished, Page, PageQuery, Published } from "./contract.ts";
import { digestOf } from "./digest.ts";
import { readEvents } from "./events.ts";
import type { MessageIndex } from "./index/message-index.ts";
import { IsoTime } from "./iso-time.ts";
import type { Journal } from "./journal/journal.ts";
import { Pages } from "./journal/pages.ts";
import { decodeRecord, type MessageRecord } from "./journal/record.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { DamageError, OverloadedError } from "./store-errors.ts";

/** How often a file is put right for one read. */
const MAX_MENDS = 3;

interface MessageStoreOptions {
  now: () => number;
  isUser: (userId: number) => boolean;
  /** Puts a journal file right in which a line cannot be read, as well as it can be. */
  mend: (file: number) => Promise<void>;
}

export class MessageStore implements Messages {
  readonly #journal: Journal;
  readonly #index: MessageIndex;
  readonly #pages: Pages;
  readonly #time: IsoTime;
  readonly #isUser: (userId: number) => boolean;
  readonly #mend: (file: number) => Promise<void>;
  #lastMessageId: number;
  /** Edits and deletions of one message run one after another: an edit must not bring back a deleted message. */
  readonly #changes = new OneAtATime<number>();
  /** Retries with the same key wait until the first try has ended. */
  readonly #keys = new OneAtATime<string>();

  constructor(
    { journal, index }: { journal: Journal; index: MessageIndex },
    { now, isUser, mend }: MessageStoreOptions,
  ) {
    this.#journal = journal;
    this.#index = index;
    this.#pages = new Pages(journal.files);
    this.#time = new IsoTime(now);
    this.#isUser = isUser;
    this.#mend = mend;
    this.#lastMessageId = index.lastMessageId;
  }

  publish(draft: Draft): Promise<Published | NotPublished> {
    const { idempotencyKey } = draft;
    if (idempotencyKey === undefined) return this.#post(draft, undefined);
    return this.#keys.run(`${draft.from.userId} ${idempotencyKey}`, () => this.#postOnce(draft, idempotencyKey));
  }

  page(query: PageQuery): Promise<Page> {
    return this.#mended(
      () => this.#pages.page(this.#index.messages.page(query)),
      () => this.#pages.pageOfReadable(this.#index.messages.page(query)),
    );
  }

  pageOfAll(after: number, limit: number): Promise<Page> {
    return this.#mended(
      () => this.#pages.page(this.#index.messages.pageOfAll(after, limit)),
      () => this.#pages.pageOfReadable(this.#index.messages.pageOfAll(after, limit)),
    );
  }

  pageForStream(query: PageQuery): Promise<Page> {
    return this.page(query);
  }

  last(): { eventId: number; messageId: number } {
    return { eventId: this.#index.lastSeq, messageId: this.#index.lastMessageId };
  }

  get toldUpTo(): number {
    return this.#index.lastSeq;
  }

  lastMessageAt(eventId: number): number | undefined {
    const { recent, lastSeq, lastMessageId } = this.#index;
    if (eventId < recent.knownAfter || eventId > lastSeq) return undefined;
    for (const { type, messageId } of recent.after(eventId)) if (type === "message") return messageId - 1;
    return lastMessageId;
  }

  events(query: EventQuery): Promise<{ events: ChatEvent[]; upTo: number } | "forgotten"> {
    return this.#mended(
      () => readEvents(query, this.#index, (places) => this.#pages.lines(places)),
      async () => "forgotten" as const,
    );
  }

  find(messageId: number): { fromId: number; toId: number } | undefined {
    return this.#index.messages.find(messageId)?.row;
  }

  edit(messageId: number, message: string): Promise<{ editedAt: string } | undefined> {
    return this.#changes.run(messageId, async () => {
      const before = await this.#read(messageId);
      // Nothing may wait between this check and the append. After the line that says that a queue is gone there must
      // never be an edit of a message in it: the replay would bring the message back.
      if (before === undefined || !this.#isUser(before.toId)) return undefined;
      const editedAt = this.#time.now();
      const { op: _op, seq, postSeq = seq, ...rest } = before;
      await this.#journal.append({ op: "edit", seq: this.#journal.nextSeq(), postSeq, ...rest, message, editedAt });
      // The recipient may have left while the edit was being written. Then the queue is gone, and nothing was edited.
      return this.#index.messages.find(messageId) === undefined ? undefined : { editedAt };
    });
  }

  remove(messageId: number): Promise<boolean> {
    return this.#changes.run(messageId, async () => {
      const found = this.#index.messages.find(messageId)?.row;
      if (found === undefined) return false;
      const { fromId, toId } = found;
      await this.#journal.append({ op: "delete", seq: this.#journal.nextSeq(), messageId, fromId, toId });
      return true;
    });
  }

  async dropQueue(userId: number): Promise<void> {
    try {
      await this.#journal.append({ op: "leave", seq: this.#journal.nextSeq(), userId });
    } catch (error) {
      // A DiskFullError would say that nothing was stored. But the user is gone, and the next start drops the queue.
      throw new Error(`The queue of user ${userId}, who is gone, is still there`, { cause: error });
    }
  }

  async #postOnce(draft: Draft, key: string): Promise<Published | NotPublished> {
    const digest = digestOf(draft);
    for (const row of this.#index.messages.sentWithKey(draft.from.userId, key)) {
      const first = await this.#read(row.messageId);
      if (first?.key !== key || first.fromId !== draft.from.userId) continue;
      if (first.digest !== digest) return "key used for another message";
      return { messageId: first.messageId, sentAt: first.sentAt };
    }
    return this.#post(draft, { key, digest });
  }

  async #post(
    { from, toId, toHandle, message, marks }: Draft,
    idempotency: { key: string; digest: string } | undefined,
  ): Promise<Published | NotPublished> {
    // Nothing may wait between this check and the append. So a message to somebody who has left can never come after
    // the line that says so.
    if (!this.#isUser(from.userId)) return "sender gone";
    if (!this.#isUser(toId)) return "recipient gone";
    this.#lastMessageId++;
    const messageId = this.#lastMessageId;
    const sentAt = this.#time.now();
    await this.#journal.append({
      op: "post",
      seq: this.#journal.nextSeq(),
      ...idempotency,
      messageId,
      fromId: from.userId,
      fromHandle: from.userHandle,
      toId,
      toHandle,
      message,
      sentAt,
      ...marks,
    });
    return { messageId, sentAt };
  }

  /**
   * Reads from the files. If a line is not what was written, its file is put right, and it is read again. Somebody may
   * be writing over the file just then, so it may take more than one attempt.
   * @param otherwise for a file that cannot be put right.
   */
  async #mended<Result>(read: () => Promise<Result>, otherwise: () => Promise<Result>): Promise<Result> {
    for (let mended = 0; ; mended++) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        if (mended === MAX_MENDS) return otherwise();
        await this.#mend(error.file);
        this.#pages.forget(error.file);
      }
    }
  }

  /** The newest line of a message, or undefined when the message is gone. */
  async #read(messageId: number): Promise<MessageRecord | undefined> {
    const rows = () => [this.#index.messages.find(messageId)?.row].filter((row) => row !== undefined);
    if (rows().length === 0) return undefined;
    const [line] = await this.#mended(
      () => this.#pages.lines(rows()),
      async () => [],
    );
    if (line === undefined) {
      const [row] = rows();
      if (row === undefined || isLost(row)) return undefined;
      // It is there, but who knows what is in the file at the moment? "Gone" would be wrong.
      throw new OverloadedError("A message cannot be read at the moment");
    }
    const record = decodeRecord(line);
    if (record?.op !== "post" && record?.op !== "edit")
      throw new Error(`The line of message ${messageId} belongs to something else`);
    return record;
  }
}

/** A message that nobody can read any more has no place until it is removed (upkeep/put-right.ts). */
function isLost({ length }: { length: number }): boolean {
  return length <= 1;
}
