/**
 * Writes lines in pieces: lines are gathered until there are enough of them, because a write for each would cost far
 * more. Compaction, the start's repairs and the backup copy journal files with it. It does not open, sync or close
 * anything.
 */

/** When this many bytes are gathered, they are written. */
const PIECE_BYTES = 256 * 1024;

export class LineWriter {
  /** The lines that were added so far, and their bytes. */
  lines = 0;
  bytes = 0;
  readonly #write: (piece: Buffer) => Promise<void>;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;

  constructor(write: (piece: Buffer) => Promise<void>) {
    this.#write = write;
  }

  /** Adds a line, which must not change afterwards. @returns when to go on, or undefined: at once. */
  add(line: Buffer): Promise<void> | undefined {
    this.#gathered.push(line);
    this.#gatheredBytes += line.length;
    this.lines++;
    this.bytes += line.length;
    return this.#gatheredBytes >= PIECE_BYTES ? this.flush() : undefined;
  }

  /** Writes what is gathered. Call it after the last line. */
  async flush(): Promise<void> {
    const piece = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    await this.#write(piece);
  }
}
