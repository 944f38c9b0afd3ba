/**
 * Puts messages into the table, many at a time: while one transaction is on its way to the disk, the messages that come
 * wait, and then go together as the next one. So thousands of messages a second need only some hundred commits, as in
 * the journal of the file store.
 */
import type { Draft, NotPublished, Published } from "../../contract.ts";
import { DatabaseAwayError, OverloadedError, UnknownOutcomeError } from "../../store-errors.ts";
import type { Connection, Database } from "../connection/database.ts";
import { lockHead } from "../head.ts";

/** A message that waits. */
interface Waiting {
  draft: Draft;
  sentAt: string;
  digest: string | undefined;
  resolve: (result: Published | NotPublished) => void;
  reject: (error: unknown) => void;
}

/** How many messages one transaction has at most, and how many may wait. More would only fill the memory. */
const MAX_TOGETHER = 256;
const MAX_WAITING = 20_000;

/** What became of one message. */
interface OutcomeRow {
  place: number;
  message_id: number | null;
  sent_at: string | null;
  /** Set if the message is a retry: the digest of the first one. */
  digest: string | null;
  is_new: boolean;
  has_sender: boolean;
}

export class Publishing {
  readonly #database: Database;
  readonly #onEvent: () => void;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(database: Database, onEvent: () => void) {
    this.#database = database;
    this.#onEvent = onEvent;
  }

  /** Returns when the message is committed. @param digest of recipient and text, if the message has a key. */
  publish(draft: Draft, sentAt: string, digest: string | undefined): Promise<Published | NotPublished> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new OverloadedError("Too many messages wait for the database"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, sentAt, digest, resolve, reject });
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // The others that are handled in this turn of the event loop come along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, MAX_TOGETHER);
      try {
        const results = await this.#write(together);
        this.#onEvent();
        for (const [i, { resolve }] of together.entries()) resolve(results[i] as Published | NotPublished);
      } catch (error) {
        for (const { reject } of together) reject(error);
        // The others have waited as long. Nothing of theirs was sent, and they shall not wait for the next try, too.
        const isAway = error instanceof DatabaseAwayError || error instanceof UnknownOutcomeError;
        if (isAway) for (const { reject } of this.#waiting.splice(0)) reject(new DatabaseAwayError(error.message));
      }
    }
    this.#isRunning = false;
  }

  async #write(together: Waiting[]): Promise<(Published | NotPublished)[]> {
    const [, rows = []] = await this.#database.inOneTrip((sql) => [lockHead(sql), insertMessages(sql, together)]);
    const outcomes = rows as unknown as OutcomeRow[];
    return together.map(({ digest }, i) => resultOf(outcomes[i], digest));
  }
}

function resultOf(outcome: OutcomeRow | undefined, digest: string | undefined): Published | NotPublished {
  if (outcome === undefined) throw new Error("Each message must have an outcome");
  const { message_id: messageId, sent_at: sentAt } = outcome;
  if (messageId === null || sentAt === null) return outcome.has_sender ? "recipient gone" : "sender gone";
  if (!outcome.is_new && outcome.digest !== digest) return "key used for another message";
  return { messageId, sentAt };
}

/** The lists go as arrays, one for each column, so that the statement is the same for one message and for a hundred. */
function insertMessages(sql: Connection, together: Waiting[]) {
  const column = <Value>(read: (waiting: Waiting) => Value) => together.map(read);
  return sql`
    with draft as (
      select * from unnest(
        ${column(({ draft }) => draft.from.userId)}::bigint[],
        ${column(({ draft }) => draft.from.userHandle)}::text[],
        ${column(({ draft }) => draft.toId)}::bigint[],
        ${column(({ draft }) => draft.toHandle)}::text[],
        ${column(({ draft }) => draft.message)}::text[],
        ${column(({ sentAt }) => sentAt)}::timestamptz[],
        ${column(({ draft }) => String(draft.marks?.isTeacher === true))}::text[]::boolean[],
        ${column(({ draft }) => String(draft.marks?.isToAll === true))}::text[]::boolean[],
        ${column(({ draft }) => draft.idempotencyKey ?? null)}::text[],
        ${column(({ digest }) => digest ?? null)}::text[]
      ) with ordinality as draft (
        from_id, from_handle, to_id, to_handle, message, sent_at, is_teacher, is_to_all, idempotency_key, digest, place
      )
    ),
    -- A retry: the same sender has used the same key, and that message is still there.
    known as (
      select draft.place, messages.message_id, messages.sent_at, messages.digest
      from draft join messages using (from_id, idempotency_key)
    ),
    -- The lock on head comes before this statement. So a message to somebody who has left can never come after the
    -- event that says so.
    fit as (
      select *, row_number() over (order by place) as number from draft
      where place not in (select place from known)
        and exists (select from users where user_id = from_id)
        and exists (select from users where user_id = to_id)
    ),
    moved as (
      update head set seq = seq + (select count(*) from fit), message_id = message_id + (select count(*) from fit)
      returning seq - (select count(*) from fit) as seq, message_id - (select count(*) from fit) as message_id
    ),
    numbered as (
      select fit.*, moved.seq + number as seq, moved.message_id + number as message_id from fit, moved
    ),
    written as (
      insert into messages (
        message_id, seq, from_id, from_handle, to_id, to_handle, message, sent_at, is_teacher, is_to_all,
        idempotency_key, digest
      )
      select message_id, seq, from_id, from_handle, to_id, to_handle, message, sent_at, is_teacher, is_to_all,
             idempotency_key, digest
      from numbered
    ),
    told as (
      insert into events (
        seq, op, message_id, from_id, from_handle, to_id, to_handle, message, sent_at, is_teacher, is_to_all,
        last_message_id
      )
      select seq, 'message', message_id, from_id, from_handle, to_id, to_handle, message, sent_at, is_teacher, is_to_all,
             message_id
      from numbered
    )
    select draft.place,
           coalesce(numbered.message_id, known.message_id) as message_id,
           coalesce(numbered.sent_at, known.sent_at) as sent_at,
           known.digest,
           numbered.message_id is not null as is_new,
           exists (select from users where user_id = draft.from_id) as has_sender
    from draft left join numbered using (place) left join known on known.place = draft.place
    order by draft.place`;
}
