/**
 * The journal: every event that concerns messages is one line, appended to the newest file of the messages folder.
 *
 * There is one writer. It takes everything that waits, writes it with one call, makes it durable with one fdatasync,
 * and then answers all of it. This is called group commit: the slowest thing a disk does is done once for many clients.
 * The promise: an append that resolves is on the disk and survives a power cut; one that rejects is not there.
 *
 * An editor may put another file in the place of this one at any moment. So the writer looks at the file's name before
 * each batch and once more before its answers, and if it finds anything but what it wrote, the file is put right first.
 */
import { statSync } from "node:fs";
import { isCode, saysDiskFull } from "../error-code.ts";
import type { Paths } from "../files/paths.ts";
import type { Reserve } from "../files/reserve.ts";
import { DiskFullError, OverloadedError, SyncError } from "../store-errors.ts";
import { DurableAppend } from "./durable-append.ts";
import { createJournalFile, type JournalFile, type Place } from "./journal-file.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { LastIds } from "./last-ids.ts";
import { encodeRecord, type JournalRecord } from "./record.ts";

/** No more than this may wait: a disk that stands still must not fill the memory. About 30,000 messages. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

const NO_ENTRY_IS_UNDEFINED = { throwIfNoEntry: false } as const;

/** An event that is not on the disk yet, and the promise that append() has returned for it. */
interface Waiting {
  record: JournalRecord;
  line: string;
  /** In bytes. */
  length: number;
  /** Fulfils the promise: whoever awaits it goes on. */
  resolve: () => void;
  /** Breaks the promise: where it is awaited, `error` is thrown. */
  reject: (error: unknown) => void;
}

interface JournalOptions {
  paths: Paths;
  files: JournalFiles;
  reserve: Reserve;
  /** When the newest file is longer than this, it is closed and the next one begins. */
  maxFileBytes: number;
  /** The number of the last event that was ever written. */
  lastSeq: number;
  /** What the first line of the next file says: the greatest ids in the files before it. */
  idsInUse: () => { lastMessageId: number; lastUserId: number };
  /** What outlives a hand that takes the journal's last lines out. */
  lastIds: LastIds;
  /** Puts the newest file right when somebody has changed it by hand. Resolves to the file that has its name now. */
  putRight: (file: JournalFile) => Promise<JournalFile>;
  /** Called for each event when it is durable, in order, before its append resolves. */
  onDurable: (record: JournalRecord, place: Place) => void;
  /** Called when compaction should look for something to do: a file is full, or the disk is. */
  onRoomWanted: (why: "file full" | "disk full") => void;
  /** Called when nothing can be promised any more: the process must end, and the next start replays. */
  onFatal: (error: unknown) => void;
}

export class Journal {
  readonly files: JournalFiles;
  readonly #options: JournalOptions;
  readonly #disk: DurableAppend;
  #lastSeq: number;
  /** The number of the last event that is on the disk. */
  #durableSeq: number;
  #events = 0;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Work that must have the newest file for itself: functions that are not called yet. */
  #exclusiveWork: (() => Promise<void>)[] = [];
  /** Set while the writer is about to write, or writing. Fulfilled when this turn of it is over. */
  #turn: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#disk = new DurableAppend(options.onFatal);
    this.files = options.files;
    this.#lastSeq = options.lastSeq;
    this.#durableSeq = options.lastSeq;
  }

  /** What was done since the start, for /metrics. */
  get counts(): { events: number; syncs: number } {
    return { events: this.#events, syncs: this.#disk.syncs };
  }

  /** The number for the next event. */
  nextSeq(): number {
    this.#lastSeq++;
    return this.#lastSeq;
  }

  /**
   * Writes an event, and resolves when it is on the disk.
   * @throws {DiskFullError} when there is no room for it, {OverloadedError} when too much is waiting already.
   */
  append(record: JournalRecord): Promise<void> {
    const failure = this.#failure;
    if (failure !== undefined) return Promise.reject(failure);
    if (!this.#options.reserve.kept && !isRemoval(record)) {
      this.#options.onRoomWanted("disk full");
      return Promise.reject(new DiskFullError("The disk is full"));
    }
    const line = encodeRecord(record);
    const length = Buffer.byteLength(line);
    if (this.#waitingBytes + length > MAX_WAITING_BYTES) {
      return Promise.reject(new OverloadedError("The journal has more to write than the disk can take"));
    }
    // An async function fulfils its promise when it returns. This promise must be fulfilled elsewhere, by the writer,
    // when the line is on the disk. So it is made by hand, and `resolve` and `reject` wait together with the line. The
    // function in here runs at once: when append() returns, the line is in the list.
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, line, length, resolve, reject });
      this.#waitingBytes += length;
      this.#schedule();
    });
  }

  /** Runs `work` when nothing is being appended; nothing is appended until it has ended. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    // By hand, as in append(). The function in the list calls `work` when its turn comes, and passes on the result or the
    // error. It never throws itself: the writer must go on.
    return new Promise((resolve, reject) => {
      this.#exclusiveWork.push(() => work().then(resolve, reject));
      this.#schedule();
    });
  }

  /** Closes the newest file and begins the next one. Only from within `exclusively`, or from the writer itself. */
  async rotate(): Promise<void> {
    const { paths, idsInUse } = this.#options;
    const number = this.files.newest.number + 1;
    const ids = idsInUse();
    const start = { op: "start", seq: this.nextSeq(), ...ids } as const;
    const file = await createJournalFile(paths, number, start);
    this.files.recent.add(number, 0, Buffer.from(encodeRecord(start)));
    this.files.add(file);
    this.#options.onRoomWanted("file full");
  }

  /** Notes the greatest numbers that were given out. */
  noteLastIds(): void {
    const { lastMessageId, lastUserId } = this.#options.idsInUse();
    const { number, reads } = this.files.newest;
    this.#options.lastIds.write({
      messageId: lastMessageId,
      userId: lastUserId,
      eventId: this.#durableSeq,
      file: number,
      readUpTo: reads.lastEnd,
    });
  }

  /** Whether a batch is on its way to the disk: until it is there, the newest file does not have the bytes that it should. */
  get isWriting(): boolean {
    return this.#turn !== undefined;
  }

  /** Writes what is waiting, and closes all files. */
  async close(): Promise<void> {
    while (this.#turn !== undefined) await this.#turn;
    this.#isClosed = true;
    this.#options.lastIds.close();
    await this.files.retireAll();
  }

  get #failure(): Error | undefined {
    return this.#disk.failure ?? (this.#isClosed ? new Error("The journal is closed") : undefined);
  }

  /**
   * Wakes the writer, but only after all requests that are in by now have run: what they append is one batch.
   *
   * In this order: 1. append() puts a line into the list and calls this. 2. `setImmediate` notes the writer for later,
   * and the other requests that have come in run first; they append, too, and find `#turn` set. 3. The writer runs until
   * the list is empty. 4. `#turn` is undefined again: the next append() wakes the writer again.
   */
  #schedule(): void {
    if (this.#turn !== undefined) return;
    // By hand, because `setImmediate` returns no promise. close() awaits this one.
    this.#turn = new Promise((resolve) => {
      setImmediate(async () => {
        await this.#writeAllThatWaits();
        this.#turn = undefined;
        // Something may have come between the writer's last look and this line.
        if (this.#waiting.length > 0 || this.#exclusiveWork.length > 0) this.#schedule();
        resolve();
      });
    });
  }

  /**
   * The writer. While the disk is busy with one batch, the answers to the batch before go out and new requests come in:
   * neither waits for the other.
   *
   * In this order, with A, B and C as batches: begin to write A. When A is on the disk, begin to write B, which came in
   * while A was written. Answer A while B is written. When B is on the disk, begin to write C, and answer B.
   */
  async #writeAllThatWaits(): Promise<void> {
    let durable: Waiting[] = [];
    while (this.#waiting.length > 0 || this.#exclusiveWork.length > 0) {
      const batch = this.#waiting;
      const exclusiveWork = this.#exclusiveWork;
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#exclusiveWork = [];
      // Without `await`: it begins to write, and returns a promise as soon as it has to wait for the disk.
      const writing = this.#write(batch, exclusiveWork);
      // These are from the round before.
      for (const waiting of durable) waiting.resolve();
      durable = await writing;
    }
    // No round comes after the last one to answer it.
    for (const waiting of durable) waiting.resolve();
  }

  /** Makes a batch durable. @returns the events that are on the disk; the others are rejected here. */
  async #write(batch: Waiting[], exclusiveWork: (() => Promise<void>)[]): Promise<Waiting[]> {
    for (const work of exclusiveWork) await work();
    if (batch.length === 0) return [];
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.files.newest.bytes >= this.#options.maxFileBytes) await this.#rotateIfPossible();
      await this.#commit(batch);
      return batch;
    } catch (error) {
      if (saysDiskFull(error)) return this.#commitRemovals(batch, error);
      for (const waiting of batch) waiting.reject(error);
      return [];
    }
  }

  /** On a full disk the old file has to do: it still has room for removals. */
  async #rotateIfPossible(): Promise<void> {
    try {
      await this.rotate();
    } catch (error) {
      if (error instanceof SyncError) this.#disk.fail(error);
      // Somebody has removed the folder.
      if (isCode(error, "ENOENT")) await this.#options.putRight(this.files.newest);
      // EEXIST: a file that is none of ours has the name. It is moved aside within a second.
      else if (!saysDiskFull(error) && !isCode(error, "EEXIST")) throw error;
    }
  }

  /** Group commit: one write, one fdatasync, and then everyone may be answered. */
  async #commit(batch: Waiting[]): Promise<void> {
    const bytes = Buffer.from(batch.map((waiting) => waiting.line).join(""));
    const file = await this.#appendUnderItsName(bytes);
    // All lines are durable here. The first of them begins where the file ended before.
    let offset = file.bytes - bytes.length;
    this.#events += batch.length;
    for (const { record, length } of batch) {
      file.lastSeq = record.seq;
      this.#durableSeq = record.seq;
      this.#options.onDurable(record, { file: file.number, offset, length });
      offset += length;
    }
    this.noteLastIds();
    // On a full disk only removals get this far. Compaction can give back the room of what they removed.
    if (!this.#options.reserve.kept) this.#options.onRoomWanted("disk full");
  }

  /** @returns the file that the bytes are in. It has the newest file's name, even if an editor came in between. */
  async #appendUnderItsName(bytes: Buffer): Promise<JournalFile> {
    const { paths, putRight } = this.#options;
    // Look first: is the file that has this name still as we left it?
    let file = this.files.newest;
    const path = paths.journalFile(file.number);
    let before = statSync(path, NO_ENTRY_IS_UNDEFINED);
    if (before === undefined || !file.isUntouched(before)) {
      file = await putRight(file);
      before = statSync(path, NO_ENTRY_IS_UNDEFINED);
    }
    const { reading } = this.files.patience;
    if (before !== undefined && file.wasRead(before)) file.noteRead(before, reading);
    // Then write.
    const start = file.bytes;
    await this.#disk.append(file, bytes);
    this.files.recent.add(file.number, start, bytes);
    // Then look again: is it the same file, and longer by exactly these bytes?
    const after = statSync(path, NO_ENTRY_IS_UNDEFINED);
    if (after !== undefined && file.isSameFile(after) && after.size === start + bytes.length) {
      // Somebody has read it during the write: nobody knows whether with these bytes, and so as if without them.
      if (after.atimeMs !== before?.atimeMs) file.noteRead(after, reading);
      file.stamp(after);
      file.bytes += bytes.length;
      file.noteGrowth(Date.now());
      return file;
    }
    // No: somebody has changed it in between. Put it right, with these bytes, before anybody is answered.
    try {
      return await putRight(file);
    } catch (error) {
      this.files.recent.takeBack(file.number, bytes.length);
      throw error;
    }
  }

  /** The disk is full. Nothing can be added, but removals make room, so they get the space that was kept for them. */
  async #commitRemovals(batch: Waiting[], error: unknown): Promise<Waiting[]> {
    const removals = batch.filter(({ record }) => isRemoval(record));
    for (const waiting of batch) {
      if (!removals.includes(waiting)) waiting.reject(new DiskFullError("The disk is full", { cause: error }));
    }
    this.#options.onRoomWanted("disk full");
    try {
      await this.#options.reserve.free();
      if (removals.length > 0) await this.#commit(removals);
      return removals;
    } catch (failure) {
      const reason = saysDiskFull(failure) ? new DiskFullError("The disk is full", { cause: failure }) : failure;
      for (const waiting of removals) waiting.reject(reason);
      return [];
    }
  }
}

function isRemoval(record: JournalRecord): boolean {
  return record.op === "delete" || record.op === "leave";
}
