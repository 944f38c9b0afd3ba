/**
 * What has somebody done to a journal file by hand? Compares the lines that the server knows with the lines that are in
 * the file now. It reads and changes nothing: put-right.ts does.
 *
 * - A known line that is missing between others was taken out.
 * - A known line that is missing at the end was taken out if the editor had seen it. Otherwise it came after the editor
 *   had read the file.
 * - If the file has lines that the server has dropped since, somebody saved an older version of it. Then nobody knows
 *   what is missing on purpose.
 * - A line that does not fit its CRC was changed. Its `seq` says which line it was. If that cannot be read either, every
 *   line that is missing in the same place may be the one.
 * - Any other line does not belong to the server.
 */
import { isIntact, NEWLINE } from "../journal/record.ts";

/** A line, without its text. */
export interface LineFacts {
  offset: number;
  length: number;
  /** The number of its event, if it can be read. */
  seq: number | undefined;
  /** No two lines have the same. Undefined when the line does not fit its CRC. */
  key: string | undefined;
  /** Whether the line ends in a newline. Only the last line of a file can be without one. */
  isWhole: boolean;
  isStart: boolean;
}

export interface Comparison {
  takenOut: LineFacts[];
  /** Missing, but the editor cannot have seen them, or nobody knows whether it had. */
  unseen: LineFacts[];
  changed: LineFacts[];
  /** How many lines are not the server's. */
  strange: number;
}

const SEQ = Buffer.from('"seq":');
const START = Buffer.from('{"op":"start"');
const CRC_DIGITS = 8;
const AFTER_CRC = '"}\n'.length;

export function factsOf(line: Buffer, offset: number): LineFacts {
  const isWhole = line[line.length - 1] === NEWLINE;
  // Some editors leave out the newline of the last line. Nothing of the line is lost.
  const whole = isWhole ? line : Buffer.concat([line, Buffer.from("\n")]);
  const seq = seqIn(whole);
  const isGood = seq !== undefined && isIntact(whole);
  const key = isGood ? `${seq} ${whole.toString("latin1", whole.length - AFTER_CRC - CRC_DIGITS)}` : undefined;
  return { offset, length: line.length, seq, key, isWhole, isStart: line.subarray(0, START.length).equals(START) };
}

/** The first number after `"seq":`. Quotes in a message's text have a backslash, so none of them is taken for it. */
function seqIn(line: Buffer): number | undefined {
  const at = line.indexOf(SEQ);
  if (at === -1) return undefined;
  const digits = /^\d{1,16}/.exec(line.toString("latin1", at + SEQ.length, at + SEQ.length + 16))?.[0];
  return digits === undefined ? undefined : Number(digits);
}

interface Facts {
  /** The lines that the server wrote, in order. */
  known: readonly LineFacts[];
  /** The lines that are in the file now. */
  found: readonly LineFacts[];
  /** The server has just appended everything from here on: the editor knows nothing of it, whether it is there or not. */
  editedUpTo: number;
  /** Whether whoever had read the file up to one place had also read it up to another. */
  haveSeen: (from: number, to: number) => boolean;
}

export function compareLines({ known, found, editedUpTo, haveSeen }: Facts): Comparison {
  const places = new Map(known.map((line, i) => [line.key, i]));
  // A compacted file begins with the number of an event that has a line of its own.
  const placesBySeq = new Map(known.map((line, i) => [line.isStart ? "start" : line.seq, i]));
  const present = new Set<number>();
  const changed = new Set<number>();
  /** How many lines do not say what they were, by the known line before them. */
  const nameless = new Map<number, number>();
  let strange = 0;
  /** Whether there are lines that the server wrote once and has dropped: the editor had an older version of the file. */
  let isOld = false;
  let last = -1;
  let before = -1;
  for (const line of found) {
    const place = line.key === undefined ? undefined : places.get(line.key);
    const named = place ?? (line.seq === undefined ? undefined : placesBySeq.get(line.isStart ? "start" : line.seq));
    if (named === undefined && line.key !== undefined) {
      strange++;
      isOld = true;
      continue;
    }
    if (named === undefined) {
      nameless.set(before, (nameless.get(before) ?? 0) + 1);
      continue;
    }
    if (present.has(named)) strange++;
    // An older first line says less than the new one, and nothing that is wrong.
    const isThere = place !== undefined || (line.isStart && line.key !== undefined);
    (isThere ? present : changed).add(named);
    if ((known[named]?.offset ?? 0) < editedUpTo) last = Math.max(last, named);
    before = named;
  }
  // A file that ends in the middle of a line was cut off, and an empty one was emptied: no editor leaves them like that.
  // With new lines behind it, that cannot be seen any more.
  const hasNew = (known.at(-1)?.offset ?? 0) >= editedUpTo;
  const isCut = hasNew || found.length === 0 || (found.at(-1)?.key === undefined && found.at(-1)?.isWhole === false);
  const lastLine = known[last];
  const end = lastLine === undefined ? 0 : lastLine.offset + lastLine.length;
  const result: Comparison = { takenOut: [], unseen: [], changed: [], strange };
  const explained = new Set<number>();
  before = -1;
  for (const [i, line] of known.entries()) {
    if (present.has(i)) before = i;
    else if (changed.has(i)) {
      before = i;
      result.changed.push(line);
    } else if (nameless.has(before)) {
      explained.add(before);
      result.changed.push(line);
    } else if (!isOld && (i < last || (!isCut && haveSeen(end, line.offset + line.length)))) result.takenOut.push(line);
    else result.unseen.push(line);
  }
  for (const [place, lines] of nameless) if (!explained.has(place)) result.strange += lines;
  return result;
}
