/**
 * Keeps those parts of the journal's files in memory that were read last, in blocks of 64 KiB, up to a bound. In a class
 * the newest messages are read again and again, by one person after the other; a block holds hundreds of them.
 */
import type { JournalFile } from "./journal-file.ts";

export const BLOCK_BYTES = 64 * 1024;
/** A block goes on behind its end, so that the last line that begins in it lies whole in it, too. Few are longer. */
const USUAL_LINE_BYTES = 1024;
/** 16 MiB in all. */
const MAX_BLOCKS = 256;
/** More blocks than a file can have: its offsets are numbers of 32 bits. */
const BLOCKS_OF_A_FILE = 2 ** 32 / BLOCK_BYTES;

/** A part of a file. That of the newest file grows with it. */
export class Block {
  readonly bytes: Buffer;
  /** How many of the bytes were read. What is behind them is not in the file yet. */
  length = 0;
  /**
   * Of each line whose CRC was found right since the block was read: where it begins, and where its message does.
   * Memory does not go bad, disks do.
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

  /** A block, if its bytes are in memory up to `end`, counted from the block's beginning. */
  get(file: JournalFile, number: number, end: number): Block | undefined {
    const block = this.#blocks.get(keyOf(file, number));
    if (block === undefined || block.length < end) return undefined;
    block.lastUse = ++this.#uses;
    return block;
  }

  /**
   * Reads a block from its file, up to `end` or further; of one that has grown, what is missing.
   * @throws {DamageError} when the file ends before.
   */
  async load(file: JournalFile, number: number, end: number): Promise<Block> {
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

/** Reads what is missing of a block. What is in memory is not written over: its lines may have been checked already. */
async function readOn(block: Block, file: JournalFile, start: number): Promise<void> {
  const from = block.length;
  const bytes = Buffer.allocUnsafe(Math.min(block.bytes.length, file.bytes - start) - from);
  const length = from + (await file.readInto(bytes, start + from));
  // Somebody else may have read on meanwhile.
  if (length <= block.length) return;
  bytes.copy(block.bytes, block.length, block.length - from, length - from);
  block.length = length;
}

/** A number for each block of each version of each file. */
function keyOf(file: JournalFile, number: number): number {
  return file.serial * BLOCKS_OF_A_FILE + number;
}
