/**
 * The rows of the table `events` as a stream gets them. An event about a message is read together with the message as it
 * is now.
 */
import type { ChatEvent } from "../contract.ts";
import type { Connection } from "./database.ts";
import { type MessageRow, messageJson } from "./message-rows.ts";

/** The columns of the message are null if it is gone. */
export interface EventRow extends MessageRow {
  event_seq: number;
  op: "message" | "edit" | "delete" | "leave" | "token" | "class";
  event_message_id: number | null;
  event_from_id: number;
  event_to_id: number;
  text: string | null;
}

/** The beginning of a statement that reads events. */
export function selectEvents(sql: Connection) {
  return sql`
    select events.seq as event_seq, op, events.message_id as event_message_id,
           events.from_id as event_from_id, events.to_id as event_to_id, text, messages.*
    from events left join messages on messages.message_id = events.message_id`;
}

/**
 * Undefined for what streams are not told: the message is gone, or was edited again, and a later event says so.
 * @param isNew whether it has just happened. Then a message has the text with which it was sent.
 */
export function eventOf(row: EventRow, isNew: boolean): ChatEvent | undefined {
  const { event_seq: eventId, op, event_message_id: messageId, event_from_id: fromId, event_to_id: toId } = row;
  if (op === "token" || op === "class") return undefined;
  if (op === "leave") return { eventId, type: op, fromId, toId, json: JSON.stringify({ userId: toId }) };
  if (op === "delete") return { eventId, type: op, fromId, toId, json: JSON.stringify({ messageId, fromId, toId }) };
  const isGone = row.message_id === null;
  const isOverwritten = op === "edit" && row.seq !== eventId;
  if (isGone || isOverwritten) return undefined;
  return {
    eventId,
    type: op,
    fromId,
    toId,
    get json() {
      return messageJson(isNew && op === "message" ? asSent(row) : row);
    },
  };
}

function asSent(row: EventRow): EventRow {
  return { ...row, message: row.text ?? row.message, edited_at: null };
}
