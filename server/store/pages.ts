/**
 * Reads messages out of the journal's files: as few reads as possible, each line checked against its CRC. The messages
 * of a page often lie one behind the other, for a conversation is written in the order in which it is read.
 */
import type { Page } from "./contract.ts";
import type { JournalFile, Place } from "./journal-file.ts";
import { isIntact, messageJson } from "./record.ts";

/** Lines nearer to each other than this are read together: reading a little too much is cheaper than reading twice. */
const NEAR_BYTES = 4096;
const MAX_READ_BYTES = 1024 * 1024;

/** Lines that are read with one call. */
interface Stretch {
  file: JournalFile;
  start: number;
  end: number;
  /** Which of the places asked for lie in it. */
  places: number[];
}

/** Reads a page of messages. @throws {Error} when a line is not what was written. */
export async function readPage(files: ReadonlyMap<number, JournalFile>, places: Place[]): Promise<Page> {
  const lines = await readLines(files, places);
  return { count: lines.length, json: `[${lines.map(messageJson).join(",")}]` };
}

/** Reads lines, in the order of `places`. @throws {Error} when a line is not what was written. */
export async function readLines(files: ReadonlyMap<number, JournalFile>, places: Place[]): Promise<Buffer[]> {
  const lines: Buffer[] = new Array(places.length);
  // All files are taken hold of now, before anything waits: compaction may replace them while the first is read.
  const reads = stretches(files, places).map((stretch) =>
    stretch.file.whileOpen(async () => {
      const bytes = await stretch.file.read(stretch.start, stretch.end - stretch.start);
      for (const index of stretch.places) {
        const { offset, length } = places[index] ?? { offset: 0, length: 0 };
        const line = bytes.subarray(offset - stretch.start, offset - stretch.start + length);
        if (!isIntact(line)) throw new Error(`Journal file ${stretch.file.number} is damaged at byte ${offset}`);
        lines[index] = line;
      }
    }),
  );
  // Wait for all of them, also when one fails: none may go on when its caller has given up.
  for (const read of await Promise.allSettled(reads)) if (read.status === "rejected") throw read.reason;
  return lines;
}

function stretches(files: ReadonlyMap<number, JournalFile>, places: Place[]): Stretch[] {
  const found: Stretch[] = [];
  let last: Stretch | undefined;
  for (const [index, place] of places.entries()) {
    const end = place.offset + place.length;
    const isNear =
      last !== undefined &&
      last.file.number === place.file &&
      place.offset >= last.end &&
      place.offset - last.end <= NEAR_BYTES &&
      end - last.start <= MAX_READ_BYTES;
    if (last !== undefined && isNear) {
      last.end = end;
      last.places.push(index);
      continue;
    }
    const file = files.get(place.file);
    if (file === undefined) throw new Error(`There is no journal file ${place.file}`);
    last = { file, start: place.offset, end, places: [index] };
    found.push(last);
  }
  return found;
}
