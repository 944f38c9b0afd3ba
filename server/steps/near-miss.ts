/**
 * Finds a misspelt input: one whose name no operation knows, and which is at most two typing mistakes away from a name
 * that the operation wants. checks.ts calls it for its "did you mean" sentences.
 */
import type { Inputs } from "./call.ts";

/** Every name that an operation reads. A known name never counts as a misspelling of another. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  "secret userHandle myId myAuth rotateAuth message messageId box after before limit wait".split(" "),
);

/** A client may send anything as the name of an input, even its token. Other names must not be shown. */
export const LOOKS_LIKE_A_NAME = /^[A-Za-z]\w{0,23}$/;

const MAX_MISTAKES = 2;
// A limit on the work that a hostile body can cause.
const MAX_NAMES_COMPARED = 20;

/** @returns the name of the input that looks like a misspelt `field`, or undefined. */
export function nearMiss(inputs: Inputs, field: string): string | undefined {
  // In a short word, two mistakes can turn one name into any other: "box" is not a misspelt "bar".
  const allowed = field.length < 6 ? 1 : MAX_MISTAKES;
  for (const name of Object.keys(inputs).slice(0, MAX_NAMES_COMPARED)) {
    // Each letter too many or too few is a mistake. This is quick to see, and most names end here.
    const isOtherLength = Math.abs(name.length - field.length) > allowed;
    if (isOtherLength || KNOWN_FIELDS.has(name)) continue;
    if (countMistakes(name.toLowerCase(), field.toLowerCase()) <= allowed) return name;
  }
  return undefined;
}

/**
 * How many letters you must insert, delete, change or swap with a neighbour to turn one word into the other. This is
 * the Damerau-Levenshtein distance: "wiat" is one mistake away from "wait".
 *
 * It fills a table, row by row. A cell says how far the beginning of one word is from the beginning of the other: the
 * cell in row "wi" and column "wa" says 1, because one letter must be changed. The last cell is the answer.
 *
 * ```
 *              ""  w   wa  wai wait
 *       ""      0   1   2   3   4      only inserting
 *       w       1   0   1   2   3
 *       wi      2   1   1   1   2
 *       wia     3   2   1   1   2      wia → wai: "ia" is "ai" swapped. 0 from the cell w, w, and 1 for the swap
 *       wiat    4   3   2   2   1      wiat → wait: the last letters are the same, so it is as far as wia → wai
 * ```
 *
 * Each cell needs only the two rows above it, so no others are kept.
 */
export function countMistakes(from: string, to: string): number {
  let twoRowsUp: number[] = [];
  let rowAbove: number[] = [];
  for (let column = 0; column <= to.length; column++) rowAbove.push(column);
  for (let row = 1; row <= from.length; row++) {
    // The first cell: to get an empty word, delete all letters so far.
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      // For TypeScript, any place in a list may be empty. These never are, so the `?? 0` never counts.
      const changed = (rowAbove[column - 1] ?? 0) + (isSame ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const deleted = (rowAbove[column] ?? 0) + 1;
      let fewest = Math.min(changed, inserted, deleted);
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) fewest = Math.min(fewest, (twoRowsUp[column - 2] ?? 0) + 1);
      current.push(fewest);
    }
    twoRowsUp = rowAbove;
    rowAbove = current;
  }
  return rowAbove[to.length] ?? 0;
}
