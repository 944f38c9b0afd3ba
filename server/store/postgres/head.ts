/**
 * How events get their numbers. The table `head` has one row with the last number. Whoever wants to number an event
 * locks that row until the commit, so events become visible in the order of their numbers, from all servers.
 */
import type { Connection } from "./connection/database.ts";

export interface NewEvent {
  op: "delete" | "leave" | "token" | "class";
  messageId?: number;
  fromId: number;
  toId: number;
}

/** Waits until nobody else is numbering events. Every statement after it sees all events up to now. */
export function lockHead(sql: Connection) {
  return sql`select seq from head for update`;
}

/** The two statements that number and write one event about which nothing else must be known. */
export function nextEvent(sql: Connection, { op, messageId, fromId, toId }: NewEvent) {
  return [
    lockHead(sql),
    sql`
      with moved as (update head set seq = seq + 1 returning seq, message_id)
      insert into events (seq, op, message_id, from_id, to_id, last_message_id)
      select seq, ${op}, ${messageId ?? null}::bigint, ${fromId}, ${toId}, message_id from moved`,
  ];
}
