/**
 * One open file of the journal, and how many of its bytes are garbage. A page that is being read keeps the file open,
 * even when compaction has put a new file in its place.
 */
import { type FileHandle, open } from "node:fs/promises";
import { createFile, removeFiles } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { DamageError } from "../store-errors.ts";
import { encodeRecord, type StartRecord } from "./record.ts";

/** Where a line is. */
export interface Place {
  file: number;
  offset: number;
  length: number;
}

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
  #readers = 0;
  #retired = false;

  constructor(number: number, handle: FileHandle, bytes: number) {
    this.number = number;
    this.handle = handle;
    this.bytes = bytes;
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
    return new DamageError(`Journal file ${this.number} ends before byte ${offset}`);
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
  if (!(await createFile(path, line))) throw new Error(`Journal file ${number} already exists`);
  const file = new JournalFile(number, await openOrRemove(path), Buffer.byteLength(line));
  file.hasStart = true;
  file.lastMessageIdBefore = start.lastMessageId;
  return file;
}

/** If a new file cannot be opened, it is removed: otherwise the next try would find its name taken. */
async function openOrRemove(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    await removeFiles([path]);
    throw error;
  }
}
