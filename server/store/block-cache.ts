/**
 * Keeps those parts of the journal's files in memory that were read last, in blocks of 64 KiB, up to a bound. In a class
 * the newest messages are read again and again, by one person after the other; a block holds hundreds of them.
 */
import type { JournalFile } from "./journal-file.ts";

export const BLOCK_BYTES = 64 * 1024;
/** 16 MiB in all. */
const MAX_BLOCKS = 256;
/** More blocks than a file can have: its offsets are numbers of 32 bits. */
const BLOCKS_OF_A_FILE = 2 ** 32 / BLOCK_BYTES;

export interface Block {
  bytes: Buffer;
  /** Where lines begin whose CRC was found right since the block was read. Memory does not go bad, disks do. */
  checked: Set<number>;
}

export class BlockCache {
  /** The one used last comes last. */
  readonly #blocks = new Map<number, Block>();

  /** A block, if its bytes are in memory up to `end`, counted from the block's beginning. */
  get(file: JournalFile, number: number, end: number): Block | undefined {
    const key = keyOf(file, number);
    const block = this.#blocks.get(key);
    // The last block of the newest file may have grown since it was read.
    if (block === undefined || block.bytes.length < end) return undefined;
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block;
  }

  /** Reads a block from its file. */
  async load(file: JournalFile, number: number): Promise<Block> {
    const start = number * BLOCK_BYTES;
    const bytes = await file.read(start, Math.min(BLOCK_BYTES, file.bytes - start));
    const block = { bytes, checked: new Set<number>() };
    this.#blocks.set(keyOf(file, number), block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= MAX_BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    return block;
  }
}

/** A number for each block of each version of each file. */
function keyOf(file: JournalFile, number: number): number {
  return file.serial * BLOCKS_OF_A_FILE + number;
}
