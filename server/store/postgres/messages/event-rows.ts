/**
 * The rows of the table `events` as streams get them.
 */
import type { ChatEvent } from "../../contract.ts";
import { type MessageRow, messageJson } from "./message-rows.ts";

/** The columns of a message are null where the event is not about one. */
export interface EventRow extends MessageRow {
  seq: number;
  op: "message" | "edit" | "delete" | "leave" | "token" | "class" | "switch";
}

/** An event together with its message as it is now. Null if the message is gone. */
export interface MissedEventRow extends EventRow {
  seq_now: number | null;
  message_now: string;
  edited_at_now: string | null;
}

/** The event as it happened. Undefined for what streams are not told. */
export function eventOf(row: EventRow): ChatEvent | undefined {
  const { seq: eventId, op: type, message_id: messageId, from_id: fromId, to_id: toId } = row;
  if (type === "token" || type === "class" || type === "switch") return undefined;
  if (type === "leave") return { eventId, type, fromId, toId, json: JSON.stringify({ userId: toId }) };
  if (type === "delete") return { eventId, type, fromId, toId, json: JSON.stringify({ messageId, fromId, toId }) };
  return {
    eventId,
    type,
    fromId,
    toId,
    get json() {
      return messageJson(row);
    },
  };
}

/**
 * The event for a client that missed it: a message has its newest text. Undefined if the message is gone, or was edited
 * again: a later event says so.
 */
export function missedEventOf(row: MissedEventRow): ChatEvent | undefined {
  if (row.op !== "message" && row.op !== "edit") return eventOf(row);
  if (row.seq_now === null || (row.op === "edit" && row.seq_now !== row.seq)) return undefined;
  return eventOf({ ...row, message: row.message_now, edited_at: row.edited_at_now });
}
