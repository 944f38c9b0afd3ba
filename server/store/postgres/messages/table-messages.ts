/**
 * The messages in the tables `messages` and `events`. Every change numbers an event in the same transaction, and returns
 * when that is committed.
 */
import type {
  ChatEvent,
  Draft,
  EventQuery,
  Messages,
  NotPublished,
  Page,
  PageQuery,
  Published,
} from "../../contract.ts";
import { digestOf } from "../../digest.ts";
import { IsoTime } from "../../iso-time.ts";
import { RECENT_EVENTS } from "../../journal/event-gap.ts";
import { OneAtATime } from "../../one-at-a-time.ts";
import type { Database } from "../connection/database.ts";
import { lockHead, nextEvent } from "../head.ts";
import { mustBePresent, type PresentClass } from "../present-class.ts";
import type { EventFeed } from "./event-feed.ts";
import { eventOf, type MissedEventRow, missedEventOf } from "./event-rows.ts";
import { MESSAGE_COLUMNS } from "./message-rows.ts";
import { Publishing } from "./publishing.ts";
import { TablePages } from "./table-pages.ts";

interface TableMessagesOptions {
  now: () => number;
  feed: EventFeed;
  present: PresentClass;
}

export class TableMessages implements Messages {
  readonly #database: Database;
  readonly #feed: EventFeed;
  readonly #present: PresentClass;
  readonly #time: IsoTime;
  readonly #publishing: Publishing;
  readonly #pages: TablePages;
  /** Retries with the same key wait until the first try has ended. On two servers, the unique index decides. */
  readonly #keys = new OneAtATime<string>();

  constructor(database: Database, { now, feed, present }: TableMessagesOptions) {
    this.#database = database;
    this.#feed = feed;
    this.#present = present;
    this.#time = new IsoTime(now);
    this.#pages = new TablePages(database);
    this.#publishing = new Publishing(database, () => feed.announce());
  }

  publish(draft: Draft): Promise<Published | NotPublished> {
    const { idempotencyKey } = draft;
    const sentAt = this.#time.now();
    if (idempotencyKey === undefined) return this.#publishing.publish(draft, sentAt, undefined);
    const digest = digestOf(draft);
    return this.#keys.run(`${draft.from.userId} ${idempotencyKey}`, () =>
      this.#publishing.publish(draft, sentAt, digest),
    );
  }

  page({ userId, box, otherId, after, before, limit }: PageQuery): Promise<Page> {
    // Without `after`, a page before some message has the newest of those: they are read backwards.
    const isBackwards = after === undefined && before !== undefined;
    return this.#pages.page((sql) => {
      const columns = sql(MESSAGE_COLUMNS);
      const range = sql`message_id > ${after ?? 0} and message_id < ${before ?? Number.MAX_SAFE_INTEGER}`;
      const order = isBackwards
        ? sql`order by message_id desc limit ${limit}`
        : sql`order by message_id limit ${limit}`;
      const other = (column: string) => (otherId === undefined ? sql`` : sql`and ${sql(column)} = ${otherId}`);
      const received = sql`select ${columns} from messages where to_id = ${userId} ${other("from_id")} and ${range} ${order}`;
      if (box === "received") return received;
      // A message to oneself is in both boxes, and comes once.
      const unlessReceived = box === "both" ? sql`and to_id <> ${userId}` : sql``;
      const sent = sql`
        select ${columns} from messages where from_id = ${userId} ${other("to_id")} ${unlessReceived} and ${range} ${order}`;
      return box === "sent" ? sent : sql`select * from ((${received}) union all (${sent})) as both_boxes ${order}`;
    });
  }

  pageForStream(query: PageQuery): Promise<Page> {
    return this.page(query);
  }

  /** An export takes long. If the class is put away in the middle, it must fail, and not end early. */
  async pageOfAll(after: number, limit: number): Promise<Page> {
    const page = await this.#pages.page(
      (sql) => sql`
        select ${sql(MESSAGE_COLUMNS)} from messages where message_id > ${after} order by message_id limit ${limit}`,
    );
    await mustBePresent(this.#database, this.#present);
    return page;
  }

  async last(): Promise<{ eventId: number; messageId: number }> {
    const [row] = await this.#database.ask<{ seq: number; message_id: number }[]>(
      (sql) => sql`select seq, message_id from head`,
    );
    if (row === undefined) throw new Error("The table head has one row");
    return { eventId: row.seq, messageId: row.message_id };
  }

  get toldUpTo(): number {
    return this.#feed.position;
  }

  async lastMessageAt(eventId: number): Promise<number | undefined> {
    // A move and a restore leave gaps between the events. Then the next event says it: if it is a message, the last one
    // before it is any smaller one.
    const [row] = await this.#database.ask<{ last_message_id: number }[]>(
      (sql) => sql`
        select coalesce(
          (select last_message_id from events where seq <= ${eventId} order by seq desc limit 1),
          (select last_message_id - (op = 'message')::integer from events where seq > ${eventId} order by seq limit 1),
          message_id
        ) as last_message_id
        from head
        where ${eventId} between seq - ${RECENT_EVENTS} and seq`,
    );
    return row?.last_message_id;
  }

  async events({
    userId,
    box,
    after,
    missedUpTo,
    limit,
  }: EventQuery): Promise<{ events: ChatEvent[]; upTo: number } | "forgotten"> {
    // Another server may have told this client more than this one knows yet.
    if (after > this.#feed.position) await this.#feed.catchUp();
    const upTo = this.#feed.position;
    if (after > upTo || after < upTo - RECENT_EVENTS) return "forgotten";
    const rows = await this.#database.ask<MissedEventRow[]>((sql) => {
      const received = sql`events.op in ('message', 'edit', 'delete') and events.to_id = ${userId}`;
      const sent = sql`events.op in ('message', 'edit', 'delete') and events.from_id = ${userId} or events.op = 'leave'`;
      const mine = { received, sent, both: sql`(${received}) or (${sent})` }[box];
      return sql`
        select events.*, messages.seq as seq_now, messages.message as message_now, messages.edited_at as edited_at_now
        from events left join messages on messages.message_id = events.message_id
        where events.seq > ${after} and events.seq <= ${upTo} and (${mine})
        order by events.seq
        limit ${limit}`;
    });
    const events = rows
      .map((row) => (row.seq <= missedUpTo ? missedEventOf(row) : eventOf(row)))
      .filter((event) => event !== undefined);
    // If the page is full, there may be more events after its last one.
    const last = rows.at(-1);
    return { events, upTo: rows.length === limit && last !== undefined ? last.seq : upTo };
  }

  async find(messageId: number): Promise<{ fromId: number; toId: number } | undefined> {
    const [row] = await this.#database.ask<{ from_id: number; to_id: number }[]>(
      (sql) => sql`select from_id, to_id from messages where message_id = ${messageId}`,
    );
    return row && { fromId: row.from_id, toId: row.to_id };
  }

  async edit(messageId: number, message: string): Promise<{ editedAt: string } | undefined> {
    const editedAt = this.#time.now();
    const [, rows = []] = await this.#database.inOneTrip((sql) => [
      lockHead(sql),
      sql`
        with changed as (
          update messages set message = ${message}, edited_at = ${editedAt}, seq = (select seq + 1 from head)
          where message_id = ${messageId} and exists (select from users where user_id = to_id)
          returning *
        ),
        moved as (
          update head set seq = seq + 1 where exists (select from changed) returning message_id as last_message_id
        )
        insert into events (
          seq, op, message_id, from_id, from_handle, to_id, to_handle, message, sent_at, edited_at, is_teacher, is_to_all,
          last_message_id
        )
        select seq, 'edit', message_id, from_id, from_handle, to_id, to_handle, message, sent_at, edited_at, is_teacher,
               is_to_all, last_message_id
        from changed, moved
        returning message_id`,
    ]);
    this.#feed.announce();
    return rows.length === 0 ? undefined : { editedAt };
  }

  async remove(messageId: number): Promise<boolean> {
    const [, rows = []] = await this.#database.inOneTrip((sql) => [
      lockHead(sql),
      sql`
        with gone as (
          delete from messages where message_id = ${messageId} returning message_id, from_id, to_id
        ),
        moved as (
          update head set seq = seq + 1 where exists (select from gone) returning seq, message_id as last_message_id
        )
        insert into events (seq, op, message_id, from_id, to_id, last_message_id)
        select seq, 'delete', message_id, from_id, to_id, last_message_id from gone, moved
        returning message_id`,
    ]);
    this.#feed.announce();
    return rows.length > 0;
  }

  async dropQueue(userId: number): Promise<void> {
    await this.#database.inOneTrip((sql) => [
      ...nextEvent(sql, { op: "leave", fromId: 0, toId: userId }),
      sql`delete from messages where to_id = ${userId}`,
    ]);
    this.#feed.announce();
  }
}
