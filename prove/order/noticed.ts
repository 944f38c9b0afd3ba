/**
 * Prepares a history for the search: leaves out what got no reply and was noticed by nobody, for it can as well have never
 * happened, and finds the ids that a publish without a reply can have made. Without this, every broken connection would
 * double the number of stories that the search has to try.
 */
import type { Operation } from "./history.ts";

export interface Noticed {
  operation: Operation;
  /** Of a publish: the ids that it can have made. */
  newIds: number[];
}

/** @param operations of one queue. @returns those that matter, in the order in which they were called. */
export function noticed(operations: Operation[]): Noticed[] {
  const idsByText = seenIdsByText(operations);
  const unexplained = unexplainedIds(operations, idsByText);
  const removed = new Set<number>();
  for (const operation of operations) {
    if (operation.kind === "remove" && operation.isFound === true) removed.add(operation.messageId);
  }
  const inOrder = operations.toSorted((one, other) => one.called - other.called);
  return inOrder.flatMap((operation): Noticed[] => {
    const keep = { operation, newIds: [] };
    if (operation.kind === "publish") {
      const { messageId, text } = operation;
      const newIds = messageId === undefined ? [...(idsByText.get(text) ?? []), ...unexplained] : [messageId];
      return newIds.length > 0 ? [{ operation, newIds }] : [];
    }
    if (operation.replied < Number.POSITIVE_INFINITY) return [keep];
    if (operation.kind === "edit") return idsByText.has(operation.text) ? [keep] : [];
    if (operation.kind === "fetch") return [];
    // A message is removed once. Of several removals without a reply, the first can have happened whenever the others can.
    if (removed.has(operation.messageId)) return [];
    removed.add(operation.messageId);
    return [keep];
  });
}

/** Which ids were seen with a text: in a page, or in the reply to a publish, which counts for all tries under its key. */
function seenIdsByText(operations: Operation[]): Map<string, Set<number>> {
  const ids = new Map<string, Set<number>>();
  const see = (text: string, messageId: number) => {
    const seen = ids.get(text);
    if (seen === undefined) ids.set(text, new Set([messageId]));
    else seen.add(messageId);
  };
  for (const operation of operations) {
    if (operation.kind === "fetch") for (const { text, messageId } of operation.messages ?? []) see(text, messageId);
    if (operation.kind === "publish" && operation.messageId !== undefined) see(operation.text, operation.messageId);
  }
  return ids;
}

/** Ids that stand in the history, and never with the text of a publish: anyone whose reply is missing may have made them. */
function unexplainedIds(operations: Operation[], idsByText: Map<string, Set<number>>): number[] {
  const ids = new Set<number>();
  for (const operation of operations) {
    if (operation.kind === "edit" || operation.kind === "remove") ids.add(operation.messageId);
    if (operation.kind === "fetch") for (const { messageId } of operation.messages ?? []) ids.add(messageId);
  }
  for (const operation of operations) {
    if (operation.kind === "publish") for (const id of idsByText.get(operation.text) ?? []) ids.delete(id);
  }
  return [...ids];
}
