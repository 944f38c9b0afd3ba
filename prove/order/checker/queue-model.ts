/**
 * A queue as docs/spec.md describes it, and nothing else: messages in the order of their ids. A new message comes after
 * everything that was ever in the queue, so a client that continues from the last id misses nothing. A removed message
 * stays gone. With one Idempotency-Key there is at most one message at a time. This file answers two questions: could
 * an operation get its outcome at this moment without changing anything, and if not, what could it have changed?
 */
import type { Fetch, Operation } from "./history.ts";

export interface Message {
  text: string;
  isEdited: boolean;
  key: string | undefined;
}

export interface Queue {
  /** Sorted by id. */
  readonly messages: ReadonlyMap<number, Message>;
  /** The greatest id that was ever in the queue. */
  readonly lastId: number;
}

/** How an operation changes one message. */
export interface Change {
  queue: Queue;
  messageId: number;
  /** Undefined if the message was not there yet. */
  before: Message | undefined;
  /** Undefined if the message is gone. */
  after: Message | undefined;
}

export const EMPTY: Queue = { messages: new Map(), lastId: 0 };

export function happensWithoutChange({ messages }: Queue, operation: Operation): boolean {
  switch (operation.kind) {
    case "fetch":
      return shows(messages, operation);
    case "publish": {
      const { key, messageId } = operation;
      return key !== undefined && messageId !== undefined && messages.get(messageId)?.key === key;
    }
    default:
      return operation.isFound === false && !messages.has(operation.messageId);
  }
}

/**
 * @param newIds the ids a publish can have made: the one in its reply, or, without a reply, those not explained
 * otherwise.
 */
export function possibleChanges(queue: Queue, operation: Operation, newIds: number[]): Change[] {
  switch (operation.kind) {
    case "fetch":
      return [];
    case "publish": {
      const { text, key } = operation;
      if (key !== undefined && [...queue.messages.values()].some((message) => message.key === key)) return [];
      const after = { text, key, isEdited: false };
      return newIds.filter((id) => id > queue.lastId).map((id) => change(queue, id, after));
    }
    case "edit":
    case "remove": {
      const { messageId, isFound } = operation;
      const before = queue.messages.get(messageId);
      if (before === undefined || isFound === false) return [];
      const after = operation.kind === "edit" ? { ...before, text: operation.text, isEdited: true } : undefined;
      return [change(queue, messageId, after)];
    }
  }
}

function change(queue: Queue, messageId: number, after: Message | undefined): Change {
  const messages = new Map(queue.messages);
  if (after === undefined) messages.delete(messageId);
  else messages.set(messageId, after);
  const lastId = Math.max(queue.lastId, messageId);
  return { queue: { messages, lastId }, messageId, before: queue.messages.get(messageId), after };
}

function shows(messages: Queue["messages"], { after, limit, messages: seen }: Fetch): boolean {
  if (seen === undefined) return false;
  let count = 0;
  for (const [messageId, { text, isEdited }] of messages) {
    if (messageId <= after) continue;
    if (count === limit) break;
    const shown = seen[count];
    if (shown?.messageId !== messageId || shown.text !== text || shown.isEdited !== isEdited) return false;
    count++;
  }
  return count === seen.length;
}
