/**
 * Finds the reply with which a history went wrong: until it came, everything could be explained. For a reader of a failure
 * that is the line to begin with.
 */
import { isLinearizable } from "./checker.ts";
import type { Operation } from "./history.ts";

/** @param operations of one queue. @returns undefined when the history is linearizable. */
export function contradiction(operations: Operation[]): Operation | undefined {
  if (isLinearizable(operations)) return undefined;
  const replied = operations.filter((operation) => operation.replied < Number.POSITIVE_INFINITY);
  const inOrder = replied.toSorted((one, other) => one.replied - other.replied);
  // A history that can be explained stays so when its end is cut off, so half of what is left can be ruled out each time.
  let first = 0;
  let last = inOrder.length - 1;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if (isLinearizable(until(inOrder[middle]?.replied ?? 0, operations))) first = middle + 1;
    else last = middle;
  }
  return inOrder[first];
}

/** What was known at a moment: of what was called by then and replied to later, no outcome. */
function until(moment: number, operations: Operation[]): Operation[] {
  return operations
    .filter(({ called }) => called <= moment)
    .map((operation) => (operation.replied <= moment ? operation : withoutReply(operation)));
}

function withoutReply(operation: Operation): Operation {
  const replied = Number.POSITIVE_INFINITY;
  switch (operation.kind) {
    case "publish":
      return { ...operation, replied, messageId: undefined };
    case "fetch":
      return { ...operation, replied, messages: undefined };
    default:
      return { ...operation, replied, isFound: undefined };
  }
}
