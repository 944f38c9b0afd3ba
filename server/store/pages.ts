/**
 * Reads messages out of the journal's files, block by block, and checks each line against its CRC. What is in memory
 * already is taken from there; for the rest, all blocks that are missing are read side by side.
 */
import { BLOCK_BYTES, type Block, BlockCache } from "./block-cache.ts";
import type { Page } from "./contract.ts";
import type { JournalFile, Place } from "./journal-file.ts";
import { isIntact, messageEnd, messageStart } from "./record.ts";
import { DamageError } from "./store-errors.ts";

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const COMMA = 0x2c;

export class Pages {
  readonly #files: ReadonlyMap<number, JournalFile>;
  readonly #cache = new BlockCache();

  constructor(files: ReadonlyMap<number, JournalFile>) {
    this.#files = files;
  }

  /** Reads a page of messages. @throws {DamageError} when a line is not what was written. */
  async page(places: Place[]): Promise<Page> {
    const page = new JsonArray(places);
    // Most pages are asked for again and again: when all of one is in memory, nothing has to wait.
    if (!this.#fromMemory(places, page)) {
      page.clear();
      for (const line of await this.lines(places)) page.add(line, 0, line.length);
    }
    return { count: places.length, json: page.end() };
  }

  /** Adds all lines to a page, if each lies whole in a block that is in memory. @returns whether that was so. */
  #fromMemory(places: Place[], page: JsonArray): boolean {
    let lastFile = -1;
    let lastNumber = -1;
    let block: Block | undefined;
    for (const place of places) {
      const number = Math.floor(place.offset / BLOCK_BYTES);
      const start = place.offset - number * BLOCK_BYTES;
      const end = start + place.length;
      if (end > BLOCK_BYTES) return false;
      if (block === undefined || place.file !== lastFile || number !== lastNumber || end > block.bytes.length) {
        block = this.#cache.get(fileOf(this.#files, place), number, end);
        if (block === undefined) return false;
        lastFile = place.file;
        lastNumber = number;
      }
      if (!block.checked.has(start)) return false;
      page.add(block.bytes, start, end);
    }
    return true;
  }

  /** Reads lines, in the order of `places`. @throws {DamageError} when a line is not what was written. */
  lines(places: Place[]): Promise<Buffer[]> {
    const lines = new Lines(this.#files, this.#cache);
    return lines.read(places);
  }
}

/** A JSON array of messages, written in one go into one buffer. */
class JsonArray {
  readonly #bytes: Buffer;
  #length = 0;

  constructor(places: Place[]) {
    // Each message is shorter than its line, by more than the braces and the comma that are put around it here.
    let bytes = 2;
    for (const { length } of places) bytes += length;
    this.#bytes = Buffer.allocUnsafe(bytes);
    this.clear();
  }

  clear(): void {
    this.#bytes[0] = OPENING_BRACKET;
    this.#length = 1;
  }

  /** Adds the message of the line that lies from `start` to `end`. */
  add(source: Buffer, start: number, end: number): void {
    if (this.#length > 1) this.#bytes[this.#length++] = COMMA;
    this.#bytes[this.#length++] = OPENING_BRACE;
    this.#length += source.copy(this.#bytes, this.#length, messageStart(source, start), messageEnd(end));
    this.#bytes[this.#length++] = CLOSING_BRACE;
  }

  end(): Buffer {
    this.#bytes[this.#length++] = CLOSING_BRACKET;
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The lines of one page on their way into memory. */
class Lines {
  readonly #files: ReadonlyMap<number, JournalFile>;
  readonly #cache: BlockCache;
  /** Blocks that this page waits for, each read once for all lines in it. */
  readonly #loading = new Map<string, Promise<Block>>();

  constructor(files: ReadonlyMap<number, JournalFile>, cache: BlockCache) {
    this.#files = files;
    this.#cache = cache;
  }

  async read(places: Place[]): Promise<Buffer[]> {
    // All files are taken hold of before anything waits: compaction may put others in their place meanwhile.
    const lines = places.map((place) => this.#line(place));
    if (lines.every(Buffer.isBuffer)) return lines;
    // Wait for all of them, also when one fails: none may go on when its caller has given up.
    const settled = await Promise.allSettled(lines);
    return settled.map((line) => {
      if (line.status === "rejected") throw line.reason;
      return line.value;
    });
  }

  /** Never throws, for others may be on their way already: an error, too, is waited for. */
  #line(place: Place): Buffer | Promise<Buffer> {
    try {
      return this.#lineIn(place);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #lineIn(place: Place): Buffer | Promise<Buffer> {
    const file = fileOf(this.#files, place);
    const number = Math.floor(place.offset / BLOCK_BYTES);
    const start = place.offset - number * BLOCK_BYTES;
    const end = start + place.length;
    const block = this.#block(file, number, Math.min(end, BLOCK_BYTES));
    if (end <= BLOCK_BYTES) {
      if (!(block instanceof Promise)) return lineIn(block, start, end, file, place);
      return block.then((loaded) => lineIn(loaded, start, end, file, place));
    }
    return this.#longLine(block, start, file, place);
  }

  /** A line that goes on in the next block, or in several. */
  async #longLine(first: Block | Promise<Block>, start: number, file: JournalFile, place: Place): Promise<Buffer> {
    const blocks = [first];
    const end = place.offset + place.length;
    for (let number = Math.floor(place.offset / BLOCK_BYTES) + 1; number * BLOCK_BYTES < end; number++) {
      blocks.push(this.#block(file, number, Math.min(end - number * BLOCK_BYTES, BLOCK_BYTES)));
    }
    const bytes = Buffer.concat((await Promise.all(blocks)).map((block) => block.bytes));
    return checked(bytes.subarray(start, start + place.length), file, place);
  }

  #block(file: JournalFile, number: number, end: number): Block | Promise<Block> {
    return this.#cache.get(file, number, end) ?? this.#load(file, number);
  }

  #load(file: JournalFile, number: number): Promise<Block> {
    const name = `${file.number}/${number}`;
    const loading = this.#loading.get(name) ?? file.whileOpen(() => this.#cache.load(file, number));
    this.#loading.set(name, loading);
    return loading;
  }
}

function fileOf(files: ReadonlyMap<number, JournalFile>, { file: number }: Place): JournalFile {
  const file = files.get(number);
  if (file === undefined) throw new Error(`There is no journal file ${number}`);
  return file;
}

/** A line that lies whole in a block. */
function lineIn(block: Block, start: number, end: number, file: JournalFile, place: Place): Buffer {
  const line = block.bytes.subarray(start, end);
  if (block.checked.has(start)) return line;
  checked(line, file, place);
  block.checked.add(start);
  return line;
}

function checked(line: Buffer, file: JournalFile, { offset, length }: Place): Buffer {
  if (line.length === length && isIntact(line)) return line;
  throw new DamageError(`Journal file ${file.number} is damaged at byte ${offset}`);
}
