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
  return Object.keys(inputs)
    .slice(0, MAX_NAMES_COMPARED)
    .find((name) => {
      if (KNOWN_FIELDS.has(name) || Math.abs(name.length - field.length) > allowed) return false;
      return countMistakes(name.toLowerCase(), field.toLowerCase()) <= allowed;
    });
}

/**
 * How many letters you must insert, delete, change or swap with a neighbour to turn one word into the other. This is
 * the Damerau-Levenshtein distance: "wiat" is one mistake away from "wait".
 */
export function countMistakes(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const deleted = (previous[column] ?? 0) + 1;
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(changed, inserted, deleted, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
