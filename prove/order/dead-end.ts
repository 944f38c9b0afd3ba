/**
 * Sees that a search has lost its way before it gets stuck: a change after which some reply that is still to come can
 * never be explained. Nothing here decides what is right; without it the search would find the same, only later.
 */
import { covers, type Operation } from "./history.ts";
import type { Noticed } from "./noticed.ts";
import type { Change } from "./queue-model.ts";

/** @param remaining what is still to happen after the change. */
export function isDeadEnd(change: Change, remaining: Noticed[]): boolean {
  const canBeRemoved = remaining.some(
    ({ operation }) => operation.kind === "remove" && operation.messageId === change.messageId,
  );
  return remaining.some(({ operation }) => isLost(operation, change, canBeRemoved));
}

function isLost(operation: Operation, change: Change, canBeRemoved: boolean): boolean {
  const { messageId, before, after } = change;
  switch (operation.kind) {
    case "publish":
      // New ids only grow, so this one cannot be made any more.
      return (
        before === undefined &&
        operation.messageId !== undefined &&
        operation.messageId < messageId &&
        !change.queue.messages.has(operation.messageId)
      );
    case "edit":
    case "remove":
      return after === undefined && operation.messageId === messageId && operation.isFound === true;
    case "fetch": {
      if (!covers(operation, messageId)) return false;
      const seen = operation.messages?.find((each) => each.messageId === messageId);
      if (after === undefined) return seen !== undefined;
      // No text comes twice, so what a message was before it will never be again.
      if (before !== undefined) return seen?.text === before.text;
      return seen === undefined && !canBeRemoved;
    }
  }
}
