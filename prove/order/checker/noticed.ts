/**
 * Prepares a history for the search. It leaves out operations that got no reply and that nobody noticed, because they
 * may as well never have happened. It also finds the ids that a publish without a reply can have made. Without this,
 * every broken connection would double the number of orders to try.
 */
import type { Operation } from "./history.ts";

export interface Noticed {
  operation: Operation;
  /** For a publish: the ids that it can have made. */
  newIds: number[];
}

/** @param operations of one queue. @returns the ones that matter, in the order of their calls. */
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
    // A message is removed once. If several removals got no reply, keep the first: it can happen whenever the others
    // can.
    if (removed.has(operation.messageId)) return [];
    removed.add(operation.messageId);
    return [keep];
  });
}

/**
 * The ids seen with a text: in a page, or in the reply to a publish. That reply counts for all retries with its key.
 */
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

/** Ids in the history that never come with the text of a publish. Any publish without a reply may have made them. */
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
