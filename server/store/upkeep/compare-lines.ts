/**
 * What has somebody done to a journal file by hand? Compares the lines that the server wrote with the lines that are in
 * the file now. It reads and changes nothing: put-right.ts does.
 *
 * - A written line that is missing between others was taken out.
 * - A written line that is missing at the end was taken out if the editor had seen it. Otherwise it came after the
 *   editor had read the file.
 * - If the file has lines that the server has dropped since, somebody saved an older version of it. Then nobody knows
 *   what is missing on purpose.
 * - A line that does not fit its CRC was changed. Its `seq` says which line it was. If that cannot be read either, it is
 *   one of those that are missing in the same place, and none of them counts as taken out.
 * - Any other line does not belong to the server.
 */
import { crcIn, isIntact, NEWLINE, seqIn } from "../journal/record.ts";

const START = Buffer.from('{"op":"start"');
const END_OF_LINE = Buffer.from("\n");

/** The lines of a file as they were written, in order. Only numbers: a file may have 300,000 lines. */
export class WrittenLines {
  readonly offsets: number[] = [];
  readonly crcs: number[] = [];
  /** Where in these lists the line of an event is. */
  readonly #places = new Map<number, number>();
  /** A compacted file begins with the number of an event that has a line of its own, so this one is kept apart. */
  #startPlace: number | undefined;
  /** How long the file is. */
  bytes = 0;

  add(line: Buffer, offset: number): void {
    const place = this.offsets.length;
    if (isStart(line)) this.#startPlace = place;
    else this.#places.set(seqIn(line) ?? -1, place);
    this.offsets.push(offset);
    this.crcs.push(crcIn(line));
    this.bytes = offset + line.length;
  }

  /** The place of the line that a line is, or was before somebody changed it. */
  placeOf(line: Buffer): number | undefined {
    return isStart(line) ? this.#startPlace : this.#places.get(seqIn(line) ?? -1);
  }

  endOf(place: number): number {
    return this.offsets[place + 1] ?? this.bytes;
  }
}

export interface Comparison {
  /** Whether the file has exactly the lines that were written. */
  isSame: boolean;
  /** Where the lines were that were taken out. */
  takenOut: number[];
  /** How many are missing, though the editor cannot have seen them, or nobody knows whether it had. */
  unseen: number;
  changed: number;
  /** How many lines are not the server's. */
  strange: number;
  /** Whether lines are in another order than they were written in. */
  isShuffled: boolean;
}

interface Circumstances {
  /** The server has just appended everything from here on: the editor knows nothing of it, whether it is there or not. */
  editedUpTo: number;
  /** Whether whoever had read the file up to one place had also read it up to another. */
  haveSeen: (from: number, to: number) => boolean;
}

export class LineComparer {
  readonly #written: WrittenLines;
  readonly #editedUpTo: number;
  readonly #haveSeen: Circumstances["haveSeen"];
  readonly #present = new Set<number>();
  readonly #changed = new Set<number>();
  /** How many lines do not say what they were, by the place of the written line before them. */
  readonly #nameless = new Map<number, number>();
  #strange = 0;
  #lines = 0;
  /** Whether each line so far is exactly the one that was written in its place. */
  #isSame = true;
  #isShuffled = false;
  /** Whether there are lines that the server wrote once and has dropped: the editor had an older version of the file. */
  #isOld = false;
  /** Whether the file ends in the middle of a line. No editor leaves it like that. */
  #isCut = true;
  #before = -1;
  /** The last written line that the editor must have seen. */
  #lastSeen = -1;

  constructor(written: WrittenLines, { editedUpTo, haveSeen }: Circumstances) {
    this.#written = written;
    this.#editedUpTo = editedUpTo;
    this.#haveSeen = haveSeen;
  }

  /** Looks at the next line of the file. */
  see(line: Buffer): void {
    // Some editors leave out the newline of the last line. Nothing of the line is lost.
    const isWhole = line[line.length - 1] === NEWLINE;
    const whole = isWhole ? line : Buffer.concat([line, END_OF_LINE]);
    const isGood = isIntact(whole);
    const place = this.#written.placeOf(whole);
    const isWritten = isGood && place !== undefined && this.#written.crcs[place] === crcIn(whole);
    this.#isSame &&= isWritten && isWhole && place === this.#lines;
    this.#lines++;
    this.#isCut = !isGood && !isWhole;
    if (place === undefined) {
      if (isGood) {
        this.#strange++;
        this.#isOld = true;
      } else this.#nameless.set(this.#before, (this.#nameless.get(this.#before) ?? 0) + 1);
      return;
    }
    if (this.#present.has(place)) this.#strange++;
    else if (place < this.#before) this.#isShuffled = true;
    // An older first line says less than the new one, and nothing that is wrong.
    (isWritten || (isGood && isStart(whole)) ? this.#present : this.#changed).add(place);
    this.#before = place;
    if ((this.#written.offsets[place] ?? 0) < this.#editedUpTo) this.#lastSeen = Math.max(this.#lastSeen, place);
  }

  /** What was done, after the last line. */
  end(): Comparison {
    const { offsets } = this.#written;
    // With new lines after it, nobody can see any more whether the file was cut.
    const hasNew = (offsets.at(-1) ?? 0) >= this.#editedUpTo;
    const mayBeCut = hasNew || this.#lines === 0 || this.#isCut;
    const seenUpTo = this.#lastSeen === -1 ? 0 : this.#written.endOf(this.#lastSeen);
    const result: Comparison = {
      isSame: this.#isSame && this.#lines === offsets.length,
      takenOut: [],
      unseen: 0,
      changed: this.#changed.size,
      strange: this.#strange,
      isShuffled: this.#isShuffled,
    };
    const nameless = new Map(this.#nameless);
    let before = -1;
    for (const [place, offset] of offsets.entries()) {
      if (this.#present.has(place) || this.#changed.has(place)) {
        before = place;
        if (this.#present.has(place) && this.#changed.has(place)) result.changed--;
      } else if ((nameless.get(before) ?? 0) > 0) {
        nameless.set(before, (nameless.get(before) ?? 0) - 1);
        result.changed++;
      } else if (this.#nameless.has(before)) {
        // Which of these lines was changed and which is missing, nobody knows.
        result.unseen++;
      } else if (
        !this.#isOld &&
        (place < this.#lastSeen || (!mayBeCut && this.#haveSeen(seenUpTo, this.#written.endOf(place))))
      )
        result.takenOut.push(offset);
      else result.unseen++;
    }
    for (const lines of nameless.values()) result.strange += lines;
    return result;
  }
}

function isStart(line: Buffer): boolean {
  return line.subarray(0, START.length).equals(START);
}
