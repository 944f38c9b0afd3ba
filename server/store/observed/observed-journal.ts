/**
 * The journal while somebody watches a request: which line the request appended, and which lines it read, as they are
 * in the files. Many requests share one write, so the line of this request is searched among those that were appended
 * since.
 */
import { readSync } from "node:fs";
import { EXCERPT_BYTES } from "../contract.ts";
import type { JournalFile, Place } from "../journal/journal-file.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { decodeRecord, type JournalRecord, NEWLINE } from "../journal/record.ts";
import type { ObservedFiles } from "./observed-files.ts";

const NOT_SHOWN = "(not shown)";
/** How many of the appended bytes are searched for the line. */
const MAX_SEARCH_BYTES = 1024 * 1024;

export class ObservedJournal {
  readonly #journalFiles: JournalFiles;
  readonly #files: ObservedFiles;

  constructor(journalFiles: JournalFiles, files: ObservedFiles) {
    this.#journalFiles = journalFiles;
    this.#files = files;
  }

  /** Does `work`, and shows the line that it appended. @param isOurs recognises the line by what `work` returned. */
  async showAppended<Result>(
    work: () => Promise<Result>,
    isOurs: (record: JournalRecord, result: Result) => boolean,
  ): Promise<Result> {
    const ends = new Map([...this.#journalFiles].map((file) => [file.serial, file.bytes]));
    const result = await work();
    this.#files.aside(() => {
      for (const file of this.#journalFiles) {
        const place = findLine(file, ends.get(file.serial) ?? 0, (record) => isOurs(record, result));
        if (place !== undefined) this.#showLine(file, place);
      }
    });
    return result;
  }

  /** Shows the lines in these places, file by file. */
  showRead(places: Place[]): void {
    this.#files.aside(() => {
      for (const file of this.#journalFiles) {
        const inFile = places.filter((place) => place.file === file.number);
        const [first] = inFile;
        if (first === undefined) continue;
        const excerpt = { bytes: file.bytes, from: first.offset, text: textOf(file, inFile) };
        this.#files.show(this.#files.paths.journalFile(file.number), "read", excerpt, excerpt);
      }
    });
  }

  #showLine(file: JournalFile, place: Place): void {
    const before = { bytes: place.offset, from: place.offset, text: "" };
    const after = { bytes: place.offset + place.length, from: place.offset, text: textOf(file, [place]) };
    this.#files.show(this.#files.paths.journalFile(file.number), "appended to", before, after);
  }
}

function findLine(file: JournalFile, from: number, isOurs: (record: JournalRecord) => boolean): Place | undefined {
  const bytes = readPart(file, from, Math.min(file.bytes - from, MAX_SEARCH_BYTES));
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    const record = decodeRecord(bytes.subarray(start, end + 1));
    if (record !== undefined && isOurs(record)) {
      return { file: file.number, offset: from + start, length: end + 1 - start };
    }
    start = end + 1;
  }
  return undefined;
}

function textOf(file: JournalFile, places: Place[]): string {
  let room = EXCERPT_BYTES;
  let text = "";
  for (const { offset, length } of places) {
    if (room <= 0) break;
    text += withoutKey(readPart(file, offset, length));
    room -= length;
  }
  return text;
}

/**
 * The Idempotency-Key of a message belongs to its sender, and anybody may read a trace. The checksum of the line goes,
 * too: it covers the key, so somebody could test guesses with it. A damaged line is not shown: it may hold half a key.
 */
function withoutKey(line: Buffer): string {
  const record = decodeRecord(line);
  if (record === undefined) return "";
  if (!("key" in record)) return line.toString();
  return `${JSON.stringify({ ...record, key: NOT_SHOWN, crc: NOT_SHOWN })}\n`;
}

/**
 * A synchronous read, because compaction may put another file in the place of this one during any wait. What cannot be
 * read is not shown: the request itself is done, and must not fail because somebody watches.
 */
function readPart(file: JournalFile, offset: number, length: number): Buffer {
  if (length <= 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(length);
  try {
    return bytes.subarray(0, readSync(file.handle.fd, bytes, 0, length, offset));
  } catch {
    return Buffer.alloc(0);
  }
}
