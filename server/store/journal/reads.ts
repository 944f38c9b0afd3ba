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
  /** Where the file ended at each read, ascending. */
  #ends: number[] = [];
  /** Nothing is known about reads of a file that was shorter than this. */
  #knownFrom: number;

  constructor(knownFrom = 0) {
    this.#knownFrom = knownFrom;
  }

  /** Notes that the file was read when it had this many bytes. */
  note(bytes: number): void {
    if (this.#ends.at(-1) === bytes) return;
    this.#ends.push(bytes);
    if (this.#ends.length > MAX_READS) this.#knownFrom = (this.#ends.shift() ?? 0) + 1;
  }

  /** Where the file ended at the last read that is known. 0 when there was none, and `knownFrom` if nothing is known. */
  get lastEnd(): number {
    return this.#ends.at(-1) ?? this.#knownFrom;
  }

  /** Whether every program that has read the file up to byte `from` has also read it up to byte `to`. */
  haveSeen(from: number, to: number): boolean {
    if (from < this.#knownFrom) return false;
    const first = this.#ends[firstAtLeast(this.#ends, from, 0, this.#ends.length)];
    return first !== undefined && first >= to;
  }

  /** All that is known, as places in the file: for a file that is written again, where each of them moves. */
  get offsets(): number[] {
    return [this.#knownFrom, ...this.#ends];
  }

  /** @param offsets as `offsets` gives them. */
  static at([knownFrom, ...ends]: number[]): Reads {
    const reads = new Reads(knownFrom);
    for (const end of ends) reads.note(end);
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
