/**
 * How far other programs had read a journal file, and when. Somebody opens the file in an editor, messages come in, and
 * then the editor saves what it had read: without the new lines. Or somebody takes the last line out on purpose. The two
 * look alike, and only the order of reads and writes tells them apart. The system notes when a file was last read, so
 * before each write the journal can see whether there was a read since the write before it.
 *
 * Nobody knows who reads. So lines count as seen only if the very first read after the lines before them came after
 * them, too.
 */
import { open, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { firstAtLeast } from "../binary-search.ts";

/** With `tail -f` there is a read for each batch. Older ones are forgotten, and then nothing is known about them. */
const MAX_READS = 1000;

export class Reads {
  /** For each read, where the file ended then, at the most and at the least. Both ascend. */
  #ends: number[] = [];
  #sureEnds: number[] = [];
  /** Nothing is known about reads of a file that was shorter than this. */
  #knownFrom: number;

  constructor(knownFrom = 0) {
    this.#knownFrom = knownFrom;
  }

  /**
   * Notes a read of the file.
   * @param end how many bytes the file had at the most. @param sureEnd how many the program had surely seen. It may have
   * asked for the length of the file a while before it read the last of it.
   */
  note(end: number, sureEnd: number): void {
    if (this.#ends.at(-1) === end) return;
    this.#ends.push(end);
    this.#sureEnds.push(Math.max(sureEnd, this.#sureEnds.at(-1) ?? 0));
    if (this.#ends.length <= MAX_READS) return;
    this.#knownFrom = (this.#ends.shift() ?? 0) + 1;
    this.#sureEnds.shift();
  }

  /** Where the file ended at the last read that is known. 0 when there was none, and `knownFrom` if nothing is known. */
  get lastEnd(): number {
    return this.#ends.at(-1) ?? this.#knownFrom;
  }

  /** Whether every program that has read the file up to byte `from` has also read it up to byte `to`. */
  haveSeen(from: number, to: number): boolean {
    if (from < this.#knownFrom) return false;
    const first = this.#sureEnds[firstAtLeast(this.#ends, from, 0, this.#ends.length)];
    return first !== undefined && first >= to;
  }

  /** All that is known, as places in the file: for a file that is written again, where each of them moves. */
  get offsets(): number[] {
    return [this.#knownFrom, ...this.#ends, ...this.#sureEnds];
  }

  /** @param offsets as `offsets` gives them. */
  static at([knownFrom, ...both]: number[]): Reads {
    const reads = new Reads(knownFrom);
    const count = both.length / 2;
    for (let i = 0; i < count; i++) reads.note(both[i] ?? 0, both[count + i] ?? 0);
    return reads;
  }
}

/** Tries whether the system notes when a file is read. It may be told not to (`noatime`). @param path a name that is free. */
export async function areReadsNoted(path: string): Promise<boolean> {
  try {
    await writeFile(path, "read me", { mode: 0o600 });
    await utimes(path, 0, new Date());
    const handle = await open(path, "r");
    await handle.read(Buffer.alloc(1), 0, 1, 0);
    await handle.close();
    const { atimeMs } = await stat(path);
    await unlink(path);
    return atimeMs > 0;
  } catch {
    return false;
  }
}
