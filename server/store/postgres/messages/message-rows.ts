/**
 * Rows of the table `messages`, as JSON for those who read them: the names and the order of the fields are those of
 * docs/spec.md. It is made here, or by PostgreSQL, and both must give the same bytes.
 */
import type { PendingQuery, Row } from "postgres";
import type { Connection } from "../connection/database.ts";

export interface MessageRow {
  message_id: number;
  from_id: number;
  from_handle: string;
  to_id: number;
  to_handle: string;
  message: string;
  sent_at: string;
  edited_at: string | null;
  is_teacher: boolean;
  is_to_all: boolean;
}

/** The columns of a message that its reader gets. The others would have to be read, sent and understood for nothing. */
export const MESSAGE_COLUMNS = [
  "message_id",
  "from_id",
  "from_handle",
  "to_id",
  "to_handle",
  "message",
  "sent_at",
  "edited_at",
  "is_teacher",
  "is_to_all",
] as const satisfies (keyof MessageRow)[];

/** Gives rows with these columns. */
export type SelectMessages = (sql: Connection) => PendingQuery<Row[]>;

export function messageJson(row: MessageRow): string {
  return JSON.stringify({
    messageId: row.message_id,
    fromId: row.from_id,
    fromHandle: row.from_handle,
    toId: row.to_id,
    toHandle: row.to_handle,
    message: row.message,
    sentAt: row.sent_at,
    isTeacher: row.is_teacher || undefined,
    isToAll: row.is_to_all || undefined,
    editedAt: row.edited_at ?? undefined,
  });
}

/**
 * All messages as one JSON array, made by PostgreSQL, the oldest first. Of a page of 3 MB nothing is taken apart here, so
 * it leaves little garbage.
 */
export function messagesJson(sql: Connection, select: SelectMessages) {
  return sql`
    select '[' || coalesce(string_agg(json_strip_nulls(row_to_json(shown))::text, ',' order by "messageId"), '') || ']'
    from (
      select message_id as "messageId", from_id as "fromId", from_handle as "fromHandle", to_id as "toId",
             to_handle as "toHandle", message, ${isoTime(sql, "sent_at")} as "sentAt",
             nullif(is_teacher, false) as "isTeacher", nullif(is_to_all, false) as "isToAll",
             ${isoTime(sql, "edited_at")} as "editedAt"
      from (${select(sql)}) as page
    ) as shown`;
}

function isoTime(sql: Connection, column: string) {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
