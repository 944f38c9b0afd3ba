/**
 * Decides for each line of a journal file whether compaction keeps it, by the three rules in compaction.ts. One judge
 * is made for each file that is rewritten, at the moment when the rewriting begins.
 */
import type { MessageIndex } from "../index/message-index.ts";
import type { JournalFile, Place } from "../journal/journal-file.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { decodeRecord, encodeRecord, type StartRecord } from "../journal/record.ts";
import { DamageError } from "../store-errors.ts";
import type { Verdict } from "./rewrite.ts";

export class Judge {
  readonly #file: JournalFile;
  readonly #files: JournalFiles;
  readonly #index: MessageIndex;
  readonly #needsNoTombstones: boolean;
  readonly #isNewest: boolean;
  /** The greatest id so far of the messages whose home is this file. */
  #lastAtHome: number;

  constructor(
    file: JournalFile,
    { files, index, needsNoTombstones }: { files: JournalFiles; index: MessageIndex; needsNoTombstones: boolean },
  ) {
    this.#file = file;
    this.#files = files;
    this.#index = index;
    this.#needsNoTombstones = needsNoTombstones;
    this.#isNewest = file === files.newest;
    this.#lastAtHome = file.lastMessageIdBefore;
  }

  judge(line: Buffer, offset: number): Verdict | Promise<Verdict> {
    const record = decodeRecord(line);
    if (record === undefined) throw new DamageError(this.#file.number, offset);
    if (record.op === "post" || record.op === "edit") return this.#message(record.messageId, offset);
    if (record.op === "start") return this.#start(record);
    if (record.op === "user" || this.#needsNoTombstones) return { keep: false };
    return { keep: true, tombstone: true };
  }

  /** Rule 3. If the file is not the newest, the start line of the next file says it. */
  #start(record: StartRecord): Verdict {
    if (!this.#isNewest) return { keep: true };
    // The event number too: the last lines may be among those that go, and a stream may have been given their numbers.
    const { lastSeq: seq, lastUserId, lastMessageId: usedMessageId } = this.#index;
    return { keep: true, line: Buffer.from(encodeRecord({ ...record, seq, lastUserId, usedMessageId })) };
  }

  #message(messageId: number, offset: number): Verdict | Promise<Verdict> {
    const found = this.#index.messages.find(messageId);
    const here = { file: this.#file.number, offset };
    const isNewestLine = found?.row.file === here.file && found.row.offset === offset;
    const isAtHome = messageId > this.#file.lastMessageIdBefore;
    if (!isAtHome) return isNewestLine ? { keep: true, slot: found.slot, from: here } : { keep: false };
    if (messageId <= this.#lastAtHome) return { keep: false };
    this.#lastAtHome = messageId;
    if (found === undefined) return { keep: false };
    return isNewestLine ? { keep: true, slot: found.slot, from: here } : this.#fetchNewestLine(found.slot, found.row);
  }

  /**
   * Rule 1. If the message is edited or deleted during the read, the line is old but not wrong: a newer one follows.
   */
  async #fetchNewestLine(slot: number, from: Place): Promise<Verdict> {
    const line = await this.#files.get(from.file)?.read(from.offset, from.length);
    if (line === undefined || decodeRecord(line) === undefined) {
      throw new DamageError(from.file, from.offset);
    }
    return { keep: true, slot, from, line };
  }
}
