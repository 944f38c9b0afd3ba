/**
 * Deleting deletes: compaction writes a journal file anew without what is gone. It runs beside the traffic, one file at
 * a time. What it must never do is change what a replay makes of the files, so three rules hold:
 *
 * 1. The file in which a message was first written is its home. When a home is written anew, it gets the newest line of
 *    each message, wherever that was. So the order of messages in the files is always the order of their ids.
 * 2. A line that says "deleted" stays as long as an older file may still hold what it deletes, and as long as a stream
 *    that was cut may still want to know of it.
 * 3. The greatest ids ever used, and the greatest number of an event, stay written somewhere: in the start line of a
 *    newer file, in that of the newest one, or in their own line.
 */
import { saysDiskFull } from "../error-code.ts";
import { removeFiles } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { Reserve } from "../files/reserve.ts";
import type { MessageIndex } from "../index/message-index.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalFile, Place } from "../journal/journal-file.ts";
import { decodeRecord, encodeRecord, type StartRecord } from "../journal/record.ts";

import { rewriteFile, type Verdict } from "./rewrite.ts";

/** The newest file is written anew while the writer waits; a longer one is closed first, and done beside the traffic. */
const MAX_BYTES_WHILE_WRITER_WAITS = 4 * 1024 * 1024;
/** When a file is full, the files of which at least this part is of no use are written anew. */
const WASTE_WORTH_IT = 0.5;
const HOUR = 60 * 60 * 1000;
/** On a full disk, one try a second is enough. */
const RETRY_MILLISECONDS = 1000;

export interface CompactionOptions {
  journal: Journal;
  index: MessageIndex;
  paths: Paths;
  reserve: Reserve;
  /** So many of the last events are kept for streams that go on where they were. */
  recentEvents: number;
  /** Called with what went wrong; the files are as they were. */
  onError: (error: unknown) => void;
}

export class Compaction {
  readonly #options: CompactionOptions;
  #running: Promise<boolean> = Promise.resolve(true);
  #asked = false;
  #closed = false;
  #lastTry = 0;
  readonly #timer: NodeJS.Timeout;
  /** How many files were written anew, for /metrics. */
  rewrites = 0;

  constructor(options: CompactionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.run("everything"), HOUR).unref();
  }

  /** Says that there may be something to do. Does nothing if that was said already. */
  ask(why: "file full" | "disk full"): void {
    if (this.#asked || this.#closed) return;
    this.#asked = true;
    const what = why === "disk full" ? "everything" : "what is worth it";
    const wait = why === "disk full" ? this.#lastTry + RETRY_MILLISECONDS - Date.now() : 0;
    if (wait <= 0) void this.run(what);
    else setTimeout(() => void this.run(what), wait).unref();
  }

  /** Writes files anew: every file in which something is gone, or those in which it is much. @returns whether it went well. */
  run(what: "everything" | "what is worth it"): Promise<boolean> {
    this.#running = this.#running.then(async () => {
      this.#asked = false;
      if (this.#closed) return false;
      this.#lastTry = Date.now();
      try {
        await this.#compactFiles(what === "everything");
        await this.#options.reserve.keep();
        return true;
      } catch (error) {
        if (!saysDiskFull(error)) this.#options.onError(error);
        return false;
      }
    });
    return this.#running;
  }

  /** Ends the file that is being written, and begins no other. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #compactFiles(everything: boolean): Promise<void> {
    const { journal } = this.#options;
    for (const number of journal.files.numbers()) {
      const file = journal.files.get(number);
      if (file === undefined || this.#closed) continue;
      const waste = file.deadBytes + (this.#needsNoTombstones(file) ? file.tombstoneBytes : 0);
      const worthIt = everything ? waste > 0 : file !== journal.files.newest && waste / file.bytes >= WASTE_WORTH_IT;
      if (worthIt) await this.#compact(file);
    }
  }

  async #compact(file: JournalFile): Promise<void> {
    const { journal } = this.#options;
    if (file === journal.files.newest && file.bytes > MAX_BYTES_WHILE_WRITER_WAITS) {
      await journal.exclusively(() => journal.rotate());
    }
    if (file === journal.files.newest) await journal.exclusively(() => this.#rewrite(file));
    else await this.#rewrite(file);
  }

  /** Whether no file before this one holds anything that was deleted, and no stream will ask for what is in this one. */
  #needsNoTombstones(file: JournalFile): boolean {
    if (file.lastSeq > this.#options.index.lastSeq - this.#options.recentEvents) return false;
    for (const older of this.#options.journal.files) {
      if (older === file) return true;
      if (older.deadBytes > 0) return false;
    }
    return true;
  }

  async #rewrite(file: JournalFile): Promise<void> {
    const { journal, index, paths } = this.#options;
    // Looked at now and not before: while this file waited for its turn, something in an older one may have been
    // deleted, and the line that says so may be in this one.
    const judge = new Judge(file, this.#options, this.#needsNoTombstones(file));
    const result = await rewriteFile(file, (line, offset) => judge.judge(line, offset), {
      files: journal.files,
      index,
      paths,
    });
    this.rewrites++;
    if (result.lines <= 1 && result.file !== journal.files.newest) {
      // Nothing is left but the start line, and the next file's says all that this one's does.
      await journal.files.remove(result.file);
      await removeFiles([paths.journalFile(file.number)]);
    }
  }
}

/** Decides line by line. */
class Judge {
  readonly #file: JournalFile;
  readonly #journal: Journal;
  readonly #index: MessageIndex;
  readonly #needsNoTombstones: boolean;
  readonly #isNewest: boolean;
  /** The greatest message id that has its home here and was met already. */
  #lastAtHome: number;

  constructor(file: JournalFile, { journal, index }: CompactionOptions, needsNoTombstones: boolean) {
    this.#file = file;
    this.#journal = journal;
    this.#index = index;
    this.#needsNoTombstones = needsNoTombstones;
    this.#isNewest = file === journal.files.newest;
    this.#lastAtHome = file.lastMessageIdBefore;
  }

  judge(line: Buffer, offset: number): Verdict | Promise<Verdict> {
    const record = decodeRecord(line);
    if (record === undefined) throw new Error(`Journal file ${this.#file.number} is damaged at byte ${offset}`);
    if (record.op === "post" || record.op === "edit") return this.#message(record.messageId, offset);
    if (record.op === "start") return this.#start(record);
    if (record.op === "user" || this.#needsNoTombstones) return { keep: false };
    return { keep: true, tombstone: true };
  }

  /** Rule 3. For any other file than the newest, the start line of the next one says it. */
  #start(record: StartRecord): Verdict {
    if (!this.#isNewest) return { keep: true };
    // The number, too: the last lines may be among those that go, and a stream may have been told how far it is by them.
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

  /** Rule 1. Edited again or deleted while it is read, the line is old but not wrong: the newer one comes later. */
  async #fetchNewestLine(slot: number, from: Place): Promise<Verdict> {
    const line = await this.#journal.files.get(from.file)?.read(from.offset, from.length);
    if (line === undefined || decodeRecord(line) === undefined) {
      throw new Error(`Journal file ${from.file} is damaged at byte ${from.offset}`);
    }
    return { keep: true, slot, from, line };
  }
}
