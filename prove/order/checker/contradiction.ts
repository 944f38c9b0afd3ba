/**
 * Finds the reply at which a history went wrong: everything before it can be explained. If you read a failure, start at
 * this line.
 */
import { isLinearizable } from "./checker.ts";
import type { Operation } from "./history.ts";

/** @param operations of one queue. @returns undefined if the history is linearizable. */
export function contradiction(operations: Operation[]): Operation | undefined {
  if (isLinearizable(operations)) return undefined;
  const replied = operations.filter((operation) => operation.replied < Number.POSITIVE_INFINITY);
  const inOrder = replied.toSorted((one, other) => one.replied - other.replied);
  // If a history can be explained, it still can after its end is cut off. So a binary search works.
  let first = 0;
  let last = inOrder.length - 1;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if (isLinearizable(until(inOrder[middle]?.replied ?? 0, operations))) first = middle + 1;
    else last = middle;
  }
  return inOrder[first];
}

/** What was known at a moment: an operation called before it and answered after it has no outcome yet. */
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
