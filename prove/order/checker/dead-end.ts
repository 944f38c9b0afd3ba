/**
 * Notices early that a search is in a dead end: after a change, some later reply can never be explained. It decides
 * nothing about right or wrong. Without it the search would find the same, only later.
 */
import { covers, type Operation } from "./history.ts";
import type { Noticed } from "./noticed.ts";
import type { Change } from "./queue-model.ts";

/** @param remaining the operations that are still to happen after the change. */
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
      // New ids only grow, so this id can no longer be made.
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
      // No text comes twice, so a message never gets an earlier text back.
      if (before !== undefined) return seen?.text === before.text;
      return seen === undefined && !canBeRemoved;
    }
  }
}
