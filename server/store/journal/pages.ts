/**
 * Reads messages from the journal's files, block by block, and checks each line against its CRC. Blocks that are in
 * memory are used as they are; all missing blocks are read at the same time.
 */
import type { Page } from "../contract.ts";
import { DamageError } from "../store-errors.ts";
import { BLOCK_BYTES, type Block, BlockCache } from "./block-cache.ts";
import type { JournalFile, Place } from "./journal-file.ts";
import type { JournalFiles } from "./journal-files.ts";
import { isIntact, messageEnd, messageIdAt, messageStart } from "./record.ts";

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const COMMA = 0x2c;

/** Where the newest line of a message is. */
export interface MessagePlace extends Place {
  messageId: number;
}

/** A line in memory. */
interface Line {
  place: MessagePlace;
  block: Block;
  /** Where it begins in the block. */
  start: number;
  /** Where its message begins in the block. 0 until the line is checked. */
  messageStart: number;
}

export class Pages {
  readonly #files: JournalFiles;
  readonly #cache = new BlockCache();

  constructor(files: JournalFiles) {
    this.#files = files;
  }

  /** Reads a page of messages. @throws {DamageError} when a line is not what was written. */
  async page(places: MessagePlace[]): Promise<Page> {
    // The fast path: most pages are read again and again, and if every line is in memory, nothing has to wait.
    const lines = this.#linesInMemory(places) ?? (await this.#load(places));
    return new CheckedPage(lines);
  }

  /** The same without the messages that cannot be read: one bad line does not cost the page. */
  async pageOfReadable(places: MessagePlace[]): Promise<Page> {
    const readable: MessagePlace[] = [];
    for (const place of places) {
      try {
        await this.lines([place]);
        readable.push(place);
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
      }
    }
    return this.page(readable);
  }

  /** Reads lines, in the order of `places`. @throws {DamageError} when a line is not what was written. */
  async lines(places: MessagePlace[]): Promise<Buffer[]> {
    const lines = this.#linesInMemory(places) ?? (await this.#load(places));
    return lines.map((line) => {
      checkedMessageStart(line);
      return line.block.bytes.subarray(line.start, line.start + line.place.length);
    });
  }

  /** Reads a file again from the disk the next time: what was read of it is damaged. */
  forget(number: number): void {
    const file = this.#files.get(number);
    if (file !== undefined) this.#cache.forget(file);
  }

  /** All lines, or undefined when one of them is not in memory. */
  #linesInMemory(places: MessagePlace[]): Line[] | undefined {
    const lines: Line[] = [];
    let block: Block | undefined;
    let lastFile = -1;
    let lastNumber = -1;
    for (const place of places) {
      const number = blockNumber(place);
      const start = place.offset - number * BLOCK_BYTES;
      const end = start + place.length;
      if (block === undefined || place.file !== lastFile || number !== lastNumber || end > block.length) {
        block = this.#cache.get(this.#files.holding(place), number, end);
        if (block === undefined) return undefined;
        lastFile = place.file;
        lastNumber = number;
      }
      lines.push({ place, block, start, messageStart: 0 });
    }
    return lines;
  }

  /** All lines. Missing blocks are read, each up to the end of its last line. */
  async #load(places: MessagePlace[]): Promise<Line[]> {
    const ends = new Map<string, { file: JournalFile; number: number; end: number }>();
    for (const place of places) {
      const number = blockNumber(place);
      const end = Math.max(place.offset - number * BLOCK_BYTES + place.length, ends.get(blockName(place))?.end ?? 0);
      ends.set(blockName(place), { file: this.#files.holding(place), number, end });
    }
    // All files are held before anything waits, because compaction may put others in their place during the wait.
    const loading = [...ends].map(async ([name, { file, number, end }]) => {
      const block = this.#cache.get(file, number, end) ?? file.whileOpen(() => this.#cache.load(file, number, end));
      return [name, await block] as const;
    });
    // Wait for all of them even if one fails: no read may go on after its caller has given up.
    const loaded = await Promise.allSettled(loading);
    const blocks = new Map(
      loaded.map((each) => {
        if (each.status === "rejected") throw each.reason;
        return each.value;
      }),
    );
    return places.map((place) => {
      const block = blocks.get(blockName(place));
      if (block === undefined) throw new Error(`Block ${blockName(place)} was not read`);
      return { place, block, start: place.offset % BLOCK_BYTES, messageStart: 0 };
    });
  }
}

/** A page whose lines are in memory and checked. */
class CheckedPage implements Page {
  readonly bytes: number;
  readonly #lines: Line[];

  /** @throws {DamageError} when a line is not what was written. */
  constructor(lines: Line[]) {
    // A message is shorter than its line by more than the braces and the comma that are added to it.
    let bytes = 2;
    for (const line of lines) {
      line.messageStart = checkedMessageStart(line);
      bytes += line.place.length;
    }
    this.bytes = bytes;
    this.#lines = lines;
  }

  get count(): number {
    return this.#lines.length;
  }

  get json(): Buffer {
    return jsonOf(this.#lines, this.bytes);
  }
}

/** A JSON array of messages. Each is copied once, out of the block that holds its line. */
function jsonOf(lines: Line[], room: number): Buffer {
  const json = Buffer.allocUnsafe(room);
  let length = 0;
  json[length++] = OPENING_BRACKET;
  for (const line of lines) {
    if (length > 1) json[length++] = COMMA;
    json[length++] = OPENING_BRACE;
    length += line.block.bytes.copy(json, length, line.messageStart, messageEnd(line.start + line.place.length));
    json[length++] = CLOSING_BRACE;
  }
  json[length++] = CLOSING_BRACKET;
  return json.subarray(0, length);
}

/** Where the message of a line begins in its block. @throws {DamageError} when the line is not what was written. */
function checkedMessageStart({ block, start, place }: Line): number {
  const known = block.messageStarts.get(start);
  if (known !== undefined) return known;
  const isGood = isIntact(block.bytes.subarray(start, start + place.length));
  const found = isGood ? messageStart(block.bytes, start) : -1;
  // A line of another message fits its CRC, too, but it is not the one that was written here.
  if (!isGood || messageIdAt(block.bytes, found) !== place.messageId) throw new DamageError(place.file, place.offset);
  block.messageStarts.set(start, found);
  return found;
}

/** The block of its file in which a line begins. */
function blockNumber({ offset }: Place): number {
  return Math.floor(offset / BLOCK_BYTES);
}

function blockName(place: Place): string {
  return `${place.file}/${blockNumber(place)}`;
}
