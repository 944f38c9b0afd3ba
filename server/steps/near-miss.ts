/**
 * Finds what a client probably meant: an input that was sent under a name which no operation knows, and which is at
 * most two typing mistakes away from the name looked for.
 */
import type { Inputs } from "./call.ts";

/** Every name that some operation reads. A known name is never taken for a misspelling of another. */
const KNOWN_FIELDS = new Set(
  "secret userHandle myId myAuth rotateAuth message messageId box after before limit wait".split(" "),
);

const MAX_MISTAKES = 2;
// Names are compared only when they could be a slip of the pen; this also bounds the work for a hostile body.
const MAX_NAMES_COMPARED = 20;

/** Returns the name of the input that looks like `field` misspelt, or undefined. */
export function nearMiss(inputs: Inputs, field: string): string | undefined {
  // In a short word, two mistakes turn anything into anything: "box" is not a misspelt "bar".
  const allowed = field.length < 6 ? 1 : MAX_MISTAKES;
  return Object.keys(inputs)
    .slice(0, MAX_NAMES_COMPARED)
    .find((name) => {
      if (KNOWN_FIELDS.has(name) || Math.abs(name.length - field.length) > allowed) return false;
      return countMistakes(name.toLowerCase(), field.toLowerCase()) <= allowed;
    });
}

/**
 * How many letters must be put in, taken out, changed or swapped with their neighbour to turn one word into the other
 * (Levenshtein's distance with Damerau's swaps: "wiat" is one mistake away from "wait").
 */
function countMistakes(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const putIn = (current[column - 1] ?? 0) + 1;
      const takenOut = (previous[column] ?? 0) + 1;
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(changed, putIn, takenOut, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
