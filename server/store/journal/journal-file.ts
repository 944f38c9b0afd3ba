/**
 * One open file of the journal, and how many of its bytes are garbage. A page that is being read keeps the file open,
 * even when compaction has put a new file in its place.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { isCode } from "../error-code.ts";
import { createFile, removeFiles } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { DamageError } from "../store-errors.ts";
import { Reads } from "./reads.ts";
import { encodeRecord, type StartRecord } from "./record.ts";

/** Where a line is. */
export interface Place {
  file: number;
  offset: number;
  length: number;
}

const FILE_MODE = 0o600;

/** How often the length of a file is noted, and for how long at the least. */
const GROWTH_MILLISECONDS = 100;
const GROWTH_KEPT_MILLISECONDS = 10_000;

let opened = 0;

export class JournalFile {
  /** Different for each opened file, even for the next version of a file with the same number. */
  readonly serial = ++opened;
  readonly number: number;
  readonly handle: FileHandle;
  /** How many bytes of the file are durable. */
  bytes: number;
  /** Bytes of lines that are garbage: a deleted message, the text before an edit. */
  deadBytes = 0;
  /** Bytes of lines that say that something is gone. They are needed as long as an older file still has it. */
  tombstoneBytes = 0;
  /** Whether the file has its first line, which says what the files before it held. */
  hasStart = false;
  /** The greatest message id in the files before this one. A message with a greater id has its home here. */
  lastMessageIdBefore = 0;
  /** No line in the file has a greater event number. */
  lastSeq = 0;
  /** Up to where other programs have read the file: only what an editor had read can it have taken out. */
  reads = new Reads();
  /** What the system said of the file after our last write: its number on the disk, and when it was written to. */
  #stamp: Pick<Stats, "dev" | "ino" | "mtimeMs">;
  /** How long the file was at some times, the oldest first. */
  readonly #growth: { time: number; bytes: number }[];
  #readers = 0;
  #retired = false;

  constructor(number: number, handle: FileHandle, stats: Stats) {
    this.number = number;
    this.handle = handle;
    this.bytes = stats.size;
    this.#stamp = stats;
    this.#growth = [{ time: stats.mtimeMs, bytes: stats.size }];
  }

  /** Notes how long the file is now. */
  noteGrowth(now: number): void {
    if (now - (this.#growth.at(-1)?.time ?? 0) < GROWTH_MILLISECONDS) return;
    this.#growth.push({ time: now, bytes: this.bytes });
    while ((this.#growth[1]?.time ?? now) < now - GROWTH_KEPT_MILLISECONDS) this.#growth.shift();
  }

  /**
   * Notes that another program has read the file. @param stats what the system says of the file.
   * @param milliseconds a program may have asked for the length of the file this long before it read the last of it.
   */
  noteRead(stats: Stats, milliseconds: number): void {
    this.reads.note(this.bytes, this.sureBytesAt(stats.atimeMs - milliseconds));
  }

  /** How long the file was at a time, at the least. */
  sureBytesAt(time: number): number {
    if (this.#stamp.mtimeMs <= time) return this.bytes;
    return this.#growth.findLast((each) => each.time <= time)?.bytes ?? 0;
  }

  /** Notes what the system says of the file after a write of our own. */
  stamp(stats: Stats): void {
    this.#stamp = stats;
  }

  /** Whether this is the same file, whatever is in it now. */
  isSameFile({ dev, ino }: Stats): boolean {
    return dev === this.#stamp.dev && ino === this.#stamp.ino;
  }

  /** Whether nobody else has written to the file since our last write, or put another one in its place. */
  isUntouched(stats: Stats): boolean {
    return this.isSameFile(stats) && stats.size === this.bytes && stats.mtimeMs === this.#stamp.mtimeMs;
  }

  /** Whether another program has read the file since our last write: the system notes when, but not by whom. */
  wasRead({ atimeMs }: Stats): boolean {
    return atimeMs >= this.#stamp.mtimeMs;
  }

  /** Reads `length` bytes. @throws {DamageError} when the file ends earlier. */
  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    if ((await this.readInto(buffer, offset)) < length) throw this.endsBefore(offset + length);
    return buffer;
  }

  /** Fills a buffer, or as much of it as the file has bytes for. @returns how many bytes were read. */
  async readInto(buffer: Buffer, offset: number): Promise<number> {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.handle.read(buffer, filled, buffer.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  endsBefore(offset: number): DamageError {
    return new DamageError(this.number, offset);
  }

  /** Runs `work`, and keeps the file open until that has ended. */
  async whileOpen<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#readers++;
    try {
      return await work();
    } finally {
      this.#readers--;
      if (this.#retired && this.#readers === 0) await this.handle.close();
    }
  }

  /** Closes the file as soon as nobody reads it. */
  async retire(): Promise<void> {
    this.#retired = true;
    if (this.#readers === 0) await this.handle.close();
  }
}

/** Creates a new file with its start line, durably. */
export async function createJournalFile(paths: Paths, number: number, start: StartRecord): Promise<JournalFile> {
  const path = paths.journalFile(number);
  const line = encodeRecord(start);
  if (!(await createFile(path, line))) {
    throw Object.assign(new Error(`Journal file ${number} already exists`), { code: "EEXIST" });
  }
  const handle = await openOrRemove(path);
  const file = new JournalFile(number, handle, await unreadStats(handle));
  // Not what the system says: somebody may have changed it already, and the next look must see that.
  file.bytes = Buffer.byteLength(line);
  file.hasStart = true;
  file.lastMessageIdBefore = start.lastMessageId;
  return file;
}

/** If a new file cannot be opened, it is removed: otherwise the next try would find its name taken. */
async function openOrRemove(path: string): Promise<FileHandle> {
  try {
    return await openToAppend(path);
  } catch (error) {
    await removeFiles([path]);
    throw error;
  }
}

/** Opens a file that is there. */
export async function openJournalFile(paths: Paths, number: number): Promise<JournalFile> {
  const handle = await openToAppend(paths.journalFile(number));
  return new JournalFile(number, handle, await handle.stat());
}

/**
 * Opens a file for reading and for appending. The system itself puts each write at the end of the file, wherever that
 * is by then: whoever has made the file longer or shorter at the same moment, nothing of theirs is overwritten. Our own
 * reads leave no trace (O_NOATIME), so what the system notes are the reads of others.
 */
export async function openToAppend(path: string, flags = 0): Promise<FileHandle> {
  const { O_RDWR, O_APPEND, O_NOATIME = 0 } = constants;
  const all = flags | O_RDWR | O_APPEND;
  try {
    return await open(path, all | O_NOATIME, FILE_MODE);
  } catch (error) {
    // Only the owner of a file may read it without a trace.
    if (!isCode(error, "EPERM")) throw error;
    return open(path, all, FILE_MODE);
  }
}

/**
 * Sets a new file back to "never read", because the system counts the moment it was made as a read. Where it may not be
 * set back, a line at the end that is taken out comes back once.
 */
export async function unreadStats(handle: FileHandle): Promise<Stats> {
  await handle.utimes(0, new Date()).catch(() => {});
  return handle.stat();
}
