/**
 * The tables `events` and `head` while somebody watches a request: which event the request numbered. Many messages share
 * one transaction, so the event of this request is searched among those that were numbered since it began. Nobody ever
 * changes an event, so it can be read after the commit. Events of others are never shown.
 */
import type { Row } from "postgres";
import type { Connection } from "../connection/database.ts";
import type { ObservedRows } from "./observed-rows.ts";

/** Which event the request numbered. What is undefined may be anything. */
export interface Sought {
  op: "message" | "edit" | "delete" | "leave" | "token" | "class";
  messageId?: number;
  toId?: number;
  message?: string;
  editedAt?: string;
}

/** An event that was found. */
export interface Numbered {
  seq: number;
  row: Row;
}

export class ObservedEvents {
  readonly #rows: ObservedRows;

  constructor(rows: ObservedRows) {
    this.#rows = rows;
  }

  /** The number of the last event. Undefined if it could not be read. Ask before the request numbers one. */
  async last(): Promise<number | undefined> {
    const head = await this.#rows.read({ select: (sql) => sql`select seq from head` });
    return head?.seq;
  }

  /** The event that the request has numbered since then, if it did. */
  async find(since: number | undefined, sought: Sought): Promise<Numbered | undefined> {
    if (since === undefined) return undefined;
    const row = await this.#rows.read({ select: (sql) => selectEvent(sql, since, sought) });
    return row ? { seq: row.seq, row } : undefined;
  }

  /** Shows the event, and what it did to the number in `head`. */
  show({ seq, row }: Numbered): void {
    this.#rows.show({ path: `events row ${seq}` }, "created", null, row);
    const { op, last_message_id: messageId } = row;
    // Messages that go together move `head` together. This is the part of one of them.
    const before = { seq: seq - 1, message_id: op === "message" ? messageId - 1 : messageId };
    this.#rows.show({ path: "head" }, "changed", before, { seq, message_id: messageId });
  }
}

function selectEvent(sql: Connection, since: number, { op, messageId, toId, message, editedAt }: Sought) {
  return sql<Row[]>`
    select seq, op, message_id, from_id, from_handle, to_id, to_handle, message, sent_at, edited_at, is_teacher,
           is_to_all, last_message_id
    from events
    where seq > ${since} and op = ${op}
      ${messageId === undefined ? sql`` : sql`and message_id = ${messageId}`}
      ${toId === undefined ? sql`` : sql`and to_id = ${toId}`}
      ${message === undefined ? sql`` : sql`and message = ${message}`}
      ${editedAt === undefined ? sql`` : sql`and edited_at = ${editedAt}`}
    order by seq
    limit 1`;
}
