/**
 * Writes everything into empty tables, in batches. The caller has begun a transaction, and commits it only when all of
 * it is there: until then nobody sees a row.
 */
import type { ISql } from "postgres";
import { writeClassTables } from "./class-in-tables.ts";
import { BATCH, type Contents, type MoveProgress, type StoredMessage } from "./contents.ts";

export async function writeTables(contents: Contents, sql: ISql, progress: MoveProgress): Promise<void> {
  await writeUsers(contents, sql);
  await writeClassTables(contents.class, sql);
  let done = 0;
  for await (const batch of contents.messages()) {
    await writeMessages(batch, sql);
    done += batch.length;
    progress(done, contents.messageCount);
  }
  await writeEvents(contents, sql);
  const { eventId, messageId, userId } = contents.head;
  await sql`update head set seq = ${eventId}, message_id = ${messageId}`;
  // A sequence cannot be set to 0, and a new one begins with 1 anyway.
  if (userId > 0) await sql`select setval('user_ids', ${userId})`;
}

async function writeUsers({ secret, users, handles }: Contents, sql: ISql): Promise<void> {
  await sql`
    insert into secret (text) values (${secret}) on conflict (is_only) do update set text = excluded.text`;
  for (const batch of batchesOf(users)) {
    await sql`
      insert into users (user_id, auth_token, handle, registered_at)
      select * from unnest(
        ${batch.map(({ userId }) => userId)}::bigint[],
        ${batch.map(({ authToken }) => authToken)}::text[],
        ${batch.map(({ userHandle }) => userHandle)}::text[],
        ${batch.map(({ registeredAt }) => registeredAt)}::timestamptz[]
      )`;
  }
  for (const batch of batchesOf(handles)) {
    await sql`
      insert into handles (handle_hash, user_id)
      select * from unnest(
        ${batch.map(({ hashUserHandle }) => hashUserHandle)}::text[],
        ${batch.map(({ userId }) => userId)}::bigint[]
      )`;
  }
}

async function writeMessages(batch: StoredMessage[], sql: ISql): Promise<void> {
  const column = <Value>(read: (message: StoredMessage) => Value) => batch.map(read);
  await sql`
    insert into messages (
      message_id, seq, from_id, from_handle, to_id, to_handle, message, sent_at, edited_at, is_teacher, is_to_all,
      idempotency_key, digest
    )
    select * from unnest(
      ${column(({ messageId }) => messageId)}::bigint[],
      ${column(({ seq }) => seq)}::bigint[],
      ${column(({ fromId }) => fromId)}::bigint[],
      ${column(({ fromHandle }) => fromHandle)}::text[],
      ${column(({ toId }) => toId)}::bigint[],
      ${column(({ toHandle }) => toHandle)}::text[],
      ${column(({ message }) => message)}::text[],
      ${column(({ sentAt }) => sentAt)}::timestamptz[],
      ${column(({ editedAt }) => editedAt ?? null)}::text[]::timestamptz[],
      ${column(({ isTeacher }) => String(isTeacher === true))}::text[]::boolean[],
      ${column(({ isToAll }) => String(isToAll === true))}::text[]::boolean[],
      ${column(({ key }) => key ?? null)}::text[],
      ${column(({ digest }) => digest ?? null)}::text[]
    )`;
}

/**
 * An event about a message gets its text as it is now. The text of that moment is gone, and no stream that resumes is
 * told an old text (postgres/event-rows.ts).
 */
async function writeEvents({ events, head }: Contents, sql: ISql): Promise<void> {
  // Before the first of these events, there were all messages before the first that they tell of.
  const first = events.find(({ type }) => type === "message");
  let lastMessageId = first === undefined ? head.messageId : first.messageId - 1;
  const numbered = events.map((event) => {
    lastMessageId = Math.max(lastMessageId, event.messageId);
    return { ...event, lastMessageId };
  });
  for (const batch of batchesOf(numbered)) {
    await sql`
      with event as (
        select * from unnest(
          ${batch.map(({ seq }) => seq)}::bigint[],
          ${batch.map(({ type }) => type)}::text[],
          ${batch.map(({ messageId }) => messageId)}::bigint[],
          ${batch.map(({ fromId }) => fromId)}::bigint[],
          ${batch.map(({ toId }) => toId)}::bigint[],
          ${batch.map((event) => event.lastMessageId)}::bigint[]
        ) as event (seq, op, message_id, from_id, to_id, last_message_id)
      )
      insert into events (
        seq, op, message_id, from_id, from_handle, to_id, to_handle, message, sent_at, edited_at, is_teacher, is_to_all,
        last_message_id
      )
      select event.seq, op, nullif(event.message_id, 0), event.from_id, from_handle, event.to_id, to_handle, message,
             sent_at, case when op = 'edit' then edited_at end, is_teacher, is_to_all, last_message_id
      from event left join messages on messages.message_id = event.message_id and op in ('message', 'edit')`;
  }
}

function* batchesOf<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let i = 0; i < items.length; i += BATCH) yield items.slice(i, i + BATCH);
}
