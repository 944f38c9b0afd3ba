/**
 * The journal's files that are open, oldest first. The writer appends to the newest one; pages, recovery, compaction
 * and the glass look files up by number. The order is that of the numbers: a file may only be added after all others.
 */
import type { JournalFile, Place } from "./journal-file.ts";
import { RecentBytes } from "./recent-bytes.ts";

/** How long other programs may take, in milliseconds. */
export interface Patience {
  /** From the moment when a program asks how long a file is until it has read the last of it. */
  reading: number;
  /** Between two pieces that a program writes over a file. */
  writing: number;
}

const PATIENCE: Patience = { reading: 1000, writing: 10_000 };

export interface JournalFilesOptions {
  /** How much of the files' ends is kept in memory. */
  recentBytes?: number | undefined;
  patience?: Patience | undefined;
}

export class JournalFiles {
  /** What the files hold at their ends, whatever happens to them on the disk. */
  readonly recent: RecentBytes;
  /** Whether the system notes when other programs read a file. Without that, nobody knows what an editor had seen. */
  readsAreNoted = false;
  /** A map keeps the order in which its keys were added, and `replace` does not change that order. */
  readonly #files = new Map<number, JournalFile>();
  /** Kept, because the writer asks for it for every batch. */
  #newest: JournalFile | undefined;

  readonly patience: Patience;

  constructor({ recentBytes, patience = PATIENCE }: JournalFilesOptions = {}) {
    this.recent = new RecentBytes(recentBytes);
    this.patience = patience;
  }

  /** The file that is appended to. @throws {Error} when there is no file. */
  get newest(): JournalFile {
    if (this.#newest === undefined) throw new Error("The journal has no file");
    return this.#newest;
  }

  get size(): number {
    return this.#files.size;
  }

  /** The bytes of all files together. */
  get bytes(): number {
    let bytes = 0;
    for (const file of this) bytes += file.bytes;
    return bytes;
  }

  /** All numbers as they are now, oldest first. Safe to go through while files are replaced and removed. */
  numbers(): number[] {
    return [...this.#files.keys()];
  }

  [Symbol.iterator](): Iterator<JournalFile> {
    return this.#files.values();
  }

  get(number: number): JournalFile | undefined {
    return this.#files.get(number);
  }

  /** The file in which a line lies. @throws {Error} when there is none. */
  holding({ file: number }: Place): JournalFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new Error(`There is no journal file ${number}`);
    return file;
  }

  /** Adds a file with a greater number than all others. It is the newest from now on. */
  add(file: JournalFile): void {
    if (this.#newest !== undefined && file.number <= this.#newest.number) {
      throw new Error(`Journal file ${file.number} is not newer than file ${this.#newest.number}`);
    }
    this.#files.set(file.number, file);
    this.#newest = file;
  }

  /**
   * Puts the next version of a file in its place. The old version is still open: its caller retires it.
   * @param end what the new version holds at its end, as `recent.readEnd` gives it.
   */
  replace(file: JournalFile, end: Buffer): void {
    if (!this.#files.has(file.number)) throw new Error(`There is no journal file ${file.number}`);
    this.#files.set(file.number, file);
    this.recent.forget(file.number);
    if (end.length > 0) this.recent.add(file.number, file.bytes - end.length, end);
    if (this.#newest?.number === file.number) this.#newest = file;
  }

  /** Takes a file out, and closes it as soon as nobody reads it. */
  async remove(file: JournalFile): Promise<void> {
    this.#files.delete(file.number);
    this.recent.forget(file.number);
    if (this.#newest === file) this.#newest = [...this.#files.values()].at(-1);
    await file.retire();
  }

  /** Counts the bytes of a line that is no longer needed, or only until compaction ("tombstone"). */
  countWaste({ file: number, length }: Place, kind: "dead" | "tombstone"): void {
    const file = this.#files.get(number);
    if (file === undefined) return;
    if (kind === "dead") file.deadBytes += length;
    else file.tombstoneBytes += length;
  }

  /** Closes every file as soon as nobody reads it. */
  async retireAll(): Promise<void> {
    for (const file of this) await file.retire();
  }
}
