/**
 * Keeps the parts of the journal that were read last in memory, in blocks of 64 KiB, up to a limit. In a class the
 * newest messages are read again and again, by one person after another, and one block holds hundreds of them.
 */
import type { JournalFile } from "./journal-file.ts";

export const BLOCK_BYTES = 64 * 1024;
/** A block goes on after its end, so that the last line that begins in it is whole, too. Few lines are longer. */
const USUAL_LINE_BYTES = 1024;
/** 16 MiB in all. */
const MAX_BLOCKS = 256;
/** How many are read at the same time: 4 MiB. A page may have 50, and a thousand clients may ask for one at once. */
const MAX_READING = 64;
/** More blocks than a file can have: its offsets have 32 bits. */
const BLOCKS_OF_A_FILE = 2 ** 32 / BLOCK_BYTES;

/** A part of a file. The last block of the newest file grows with it. */
export class Block {
  readonly bytes: Buffer;
  /** How many of the bytes were read. The rest is not in the file yet. */
  length = 0;
  /**
   * For each line whose CRC was right since the block was read: where the line begins, and where its message begins.
   * A line is compared only once: disks go bad, memory does not.
   */
  readonly messageStarts = new Map<number, number>();
  lastUse = 0;

  constructor(room: number) {
    this.bytes = Buffer.allocUnsafeSlow(room);
  }
}

export class BlockCache {
  readonly #blocks = new Map<number, Block>();
  #uses = 0;
  #reading = 0;
  /** Reads that wait for others to end, the oldest first. */
  readonly #waiting: (() => void)[] = [];

  /** A block, if its bytes up to `end` are in memory. `end` counts from the beginning of the block. */
  get(file: JournalFile, number: number, end: number): Block | undefined {
    const block = this.#blocks.get(keyOf(file, number));
    if (block === undefined || block.length < end) return undefined;
    block.lastUse = ++this.#uses;
    return block;
  }

  /**
   * Reads a block from its file, up to `end` or further. If part of it is in memory, only the rest is read.
   * @throws {DamageError} when the file ends earlier.
   */
  async load(file: JournalFile, number: number, end: number): Promise<Block> {
    if (this.#reading === MAX_READING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#reading++;
    try {
      // Another request may have read it during the wait.
      return this.get(file, number, end) ?? (await this.#read(file, number, end));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#reading--;
      else next();
    }
  }

  /** Forgets what was read of a file: somebody may have been writing over it just then. */
  forget(file: JournalFile): void {
    const first = keyOf(file, 0);
    for (const key of this.#blocks.keys()) {
      if (key >= first && key < first + BLOCKS_OF_A_FILE) this.#blocks.delete(key);
    }
  }

  async #read(file: JournalFile, number: number, end: number): Promise<Block> {
    const key = keyOf(file, number);
    const start = number * BLOCK_BYTES;
    let block = this.#blocks.get(key);
    if (block !== undefined && block.bytes.length >= end) await readOn(block, file, start);
    else {
      block = new Block(Math.max(end, BLOCK_BYTES + USUAL_LINE_BYTES));
      block.length = await file.readInto(block.bytes.subarray(0, file.bytes - start), start);
    }
    if (block.length < end) throw file.endsBefore(start + end);
    block.lastUse = ++this.#uses;
    this.#blocks.set(key, block);
    if (this.#blocks.size > MAX_BLOCKS) this.#forgetOldest();
    return block;
  }

  #forgetOldest(): void {
    let oldestKey = 0;
    let oldestUse = Number.POSITIVE_INFINITY;
    for (const [key, { lastUse }] of this.#blocks) {
      if (lastUse >= oldestUse) continue;
      oldestKey = key;
      oldestUse = lastUse;
    }
    this.#blocks.delete(oldestKey);
  }
}

/**
 * Reads the missing rest of a block. Bytes in memory are not overwritten: their lines may have been checked already.
 */
async function readOn(block: Block, file: JournalFile, start: number): Promise<void> {
  const from = block.length;
  const bytes = Buffer.allocUnsafe(Math.min(block.bytes.length, file.bytes - start) - from);
  const length = from + (await file.readInto(bytes, start + from));
  // Another request may have read the same bytes during the wait.
  if (length <= block.length) return;
  bytes.copy(block.bytes, block.length, block.length - from, length - from);
  block.length = length;
}

/** A number for each block of each version of each file. */
function keyOf(file: JournalFile, number: number): number {
  return file.serial * BLOCKS_OF_A_FILE + number;
}
