/**
 * Reads everything that is in the tables. The caller has begun a transaction in which all of it is of one moment, or in
 * which it has just written the rows.
 */
import type { ISql } from "postgres";
import type { RecentEvent } from "../index/recent-events.ts";
import { RECENT_EVENTS } from "../journal/event-gap.ts";
import type { MessageRow } from "../postgres/messages/message-rows.ts";
import { readClassTables } from "./class-in-tables.ts";
import {
  BATCH,
  type Contents,
  type Head,
  type StoredHandle,
  type StoredMessage,
  type StoredUser,
  storedMessage,
} from "./contents.ts";
import { MoveProblem } from "./move-problem.ts";

/** The columns of a message that only a retry needs are null without an Idempotency-Key. */
interface KeyedRow extends MessageRow {
  seq: number;
  idempotency_key: string | null;
  digest: string | null;
}

export async function readTables(sql: ISql): Promise<Contents> {
  const [secret] = await sql<{ text: string }[]>`select text from secret`;
  if (secret === undefined) throw new MoveProblem("The table secret is empty. Start a server once, which fills it");
  const head = await readHead(sql);
  const [{ messages: messageCount } = { messages: 0 }] = await sql<{ messages: number }[]>`
    select count(*) as messages from messages`;
  return {
    secret: secret.text.trim(),
    head,
    users: await readUsers(sql),
    handles: await readHandles(sql),
    class: await readClassTables(sql),
    events: await readEvents(sql, head.eventId),
    messageCount,
    messages: () => readMessages(sql),
  };
}

/** The greatest numbers that were given out. A sequence that has never given one has `is_called` false. */
export async function readHead(sql: ISql): Promise<Head> {
  const [row] = await sql<{ seq: number; message_id: number; user_id: number }[]>`
    select seq, message_id, greatest(
      (select case when is_called then last_value else 0 end from user_ids), (select max(user_id) from users)
    ) as user_id
    from head`;
  if (row === undefined) throw new MoveProblem("The table head is empty, so nobody knows which ids were given out");
  return { eventId: row.seq, messageId: row.message_id, userId: row.user_id };
}

async function readUsers(sql: ISql): Promise<StoredUser[]> {
  const rows = await sql<{ user_id: number; auth_token: string; handle: string; registered_at: string }[]>`
    select user_id, auth_token, handle, registered_at from users order by user_id`;
  return rows.map(({ user_id: userId, auth_token, handle: userHandle, registered_at }) => ({
    userId,
    authToken: auth_token.trim(),
    userHandle,
    registeredAt: registered_at,
  }));
}

/** A handle without a user is left over from a removal, and counts for nothing. */
async function readHandles(sql: ISql): Promise<StoredHandle[]> {
  const rows = await sql<{ handle_hash: string; user_id: number }[]>`
    select handle_hash, user_id from handles join users using (user_id) order by handle_hash collate "C"`;
  return rows.map(({ handle_hash: hashUserHandle, user_id: userId }) => ({ hashUserHandle, userId }));
}

/** What streams may be told: for a message that is gone only that, and for an edit only the last one. */
async function readEvents(sql: ISql, lastSeq: number): Promise<RecentEvent[]> {
  const rows = await sql<
    { seq: number; op: RecentEvent["type"]; message_id: number; from_id: number; to_id: number }[]
  >`
    select events.seq, op, coalesce(events.message_id, 0) as message_id, events.from_id, events.to_id
    from events left join messages using (message_id)
    where events.seq > ${lastSeq - RECENT_EVENTS} and (
      op in ('delete', 'leave')
      or op = 'message' and messages.message_id is not null
      or op = 'edit' and messages.seq = events.seq
    )
    order by events.seq`;
  return rows.map(({ seq, op: type, message_id, from_id, to_id }) => {
    return { seq, type, messageId: message_id, fromId: from_id, toId: to_id };
  });
}

async function* readMessages(sql: ISql): AsyncGenerator<StoredMessage[]> {
  for (let after = 0; ; ) {
    const rows = await sql<KeyedRow[]>`
      select * from messages where message_id > ${after} order by message_id limit ${BATCH}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(messageOf);
    after = last.message_id;
  }
}

function messageOf(row: KeyedRow): StoredMessage {
  return storedMessage({
    seq: row.seq,
    ...(row.idempotency_key !== null && { key: row.idempotency_key }),
    ...(row.digest !== null && { digest: row.digest }),
    messageId: row.message_id,
    fromId: row.from_id,
    fromHandle: row.from_handle,
    toId: row.to_id,
    toHandle: row.to_handle,
    message: row.message,
    sentAt: row.sent_at,
    ...(row.is_teacher && { isTeacher: true }),
    ...(row.is_to_all && { isToAll: true }),
    ...(row.edited_at !== null && { editedAt: row.edited_at }),
  });
}
