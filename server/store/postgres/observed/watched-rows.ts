/**
 * The rows that a witness sees, each with the statement that reads it. Nothing is locked: they are only looked at. An
 * Idempotency-Key does not even leave the database.
 */
import type { WatchedRow } from "./observed-rows.ts";

export function userRow(userId: number): WatchedRow {
  return {
    path: `users row ${userId}`,
    select: (sql) => sql`select user_id, auth_token, handle, registered_at from users where user_id = ${userId}`,
    confidential: ["auth_token"],
  };
}

export function handleRow(hashUserHandle: string): WatchedRow {
  return {
    path: `handles row ${hashUserHandle}`,
    select: (sql) => sql`select handle_hash, user_id from handles where handle_hash = ${hashUserHandle}`,
  };
}

export const SECRET_ROW: WatchedRow = {
  path: "secret",
  select: (sql) => sql`select text from secret`,
  confidential: ["text"],
};

/** @param seq the event that wrote the row. If another one has changed it since, it is not what this request wrote. */
export function messageRow(messageId: number, seq?: number): WatchedRow {
  return {
    path: `messages row ${messageId}`,
    select: (sql) => sql`
      select message_id, seq, from_id, from_handle, to_id, to_handle, message, sent_at, edited_at, is_teacher, is_to_all,
             case when idempotency_key is not null then '(not shown)' end as idempotency_key, digest
      from messages
      where message_id = ${messageId} ${seq === undefined ? sql`` : sql`and seq = ${seq}`}`,
  };
}
