/**
 * Tells this server what has happened, on whichever server it happened: reads the events after the last one that it has
 * told, in order. Messages to and from users who do not listen here are left out: otherwise ten servers would read
 * everything ten times.
 *
 * A notification from PostgreSQL wakes it, and so does a change on this server. A notification may get lost, so it also
 * looks once a second. Where no notifications come through at all, because a pooler in front of the database swallows
 * them, it looks twenty times a second and says so.
 */
import { randomUUID } from "node:crypto";
import type { Audience, ChatEvent } from "../../contract.ts";
import { RECENT_EVENTS } from "../../journal/event-gap.ts";
import type { Report } from "../../report.ts";
import type { Connection, Database } from "../connection/database.ts";
import { type EventRow, eventOf } from "./event-rows.ts";

const CHANNEL = "plainchat";
const LOOK_MILLISECONDS = 1000;
const LOOK_OFTEN_MILLISECONDS = 50;
/** How long a notification that this server has sent may take until it is here again. */
const NOTIFICATION_MILLISECONDS = 2000;
/** How many events are read at once. */
const LIMIT = 500;
/** How often old events are removed. */
const FORGET_MILLISECONDS = 60_000;

interface EventFeedOptions {
  onEvent: (event: ChatEvent) => void;
  audience: Audience;
  /** Called when a user's token has ended. */
  onTokenEnd: (userId: number) => void;
  /** Called when the teacher has decided something. */
  onClassChange: () => void;
  /** Called when another class has taken the place of this one. */
  onOtherClass: () => void;
  report: Report;
}

export class EventFeed {
  /** The number of the last event that was told. */
  position = 0;
  readonly #database: Database;
  readonly #options: EventFeedOptions;
  /** Tells the notifications of this server from those of others. */
  readonly #name = randomUUID();
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #forgetTimer: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;
  /** Set while a notification of this server is on its way: when it becomes too late. */
  #expected: NodeJS.Timeout | undefined;
  #isDeaf = false;
  #isClosed = false;
  #isAway = false;
  #notifying = false;

  constructor(database: Database, options: EventFeedOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** @param position the number of the event after which it begins. */
  begin(position: number): void {
    this.position = position;
    this.#unlisten = this.#database.listen(
      CHANNEL,
      (from) => this.#hear(from),
      () => this.#beginToHear(),
    );
    this.#lookEvery(LOOK_MILLISECONDS);
    this.#forgetTimer = setInterval(() => void this.#forget(), FORGET_MILLISECONDS).unref();
    this.#notify();
  }

  /** Something was committed on this server: tells the streams here, and wakes the other servers. */
  announce(): void {
    // Nothing is committed yet. Who began the transaction announces its end.
    if (this.#database.isInTransaction) return;
    void this.#look();
    this.#notify();
  }

  /** Returns when every event that was committed before this call is told. */
  catchUp(): Promise<void> {
    // What reads now may have begun before the last commit. So it takes another turn, which all who ask now share.
    // An earlier failure must not stop it.
    const ended = this.#current.catch(() => {});
    this.#next ??= ended.then(() => {
      this.#current = this.#next ?? Promise.resolve();
      this.#next = undefined;
      return this.#read();
    });
    return this.#next;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearInterval(this.#forgetTimer);
    clearTimeout(this.#expected);
    this.#unlisten?.();
    await this.#current.catch(() => {});
  }

  /** catchUp() for which nobody waits. */
  async #look(): Promise<void> {
    try {
      await this.catchUp();
      if (this.#isAway) this.#options.report("info", "The database answers again", {});
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway && !this.#isClosed) this.#options.report("error", "The database does not answer", { error });
      this.#isAway = true;
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      if (this.#isClosed) return;
      const users = this.#options.audience.users();
      const rows = await this.#database.ask<EventRow[]>((sql) => selectEvents(sql, this.position, users));
      // Somebody has begun to listen while the answer was on its way, and it has nothing for them. Ask again.
      if (users !== undefined && !this.#areAll(users)) continue;
      for (const row of rows) this.#tell(row);
      if (rows.length < LIMIT) return;
    }
  }

  #areAll(users: ReadonlySet<number>): boolean {
    const now = this.#options.audience.users();
    return now !== undefined && [...now].every((userId) => users.has(userId));
  }

  #tell(row: EventRow): void {
    if (row.seq > this.position + 1) this.#options.audience.passOver();
    this.position = row.seq;
    const event = eventOf(row);
    if (event !== undefined) this.#options.onEvent(event);
    else if (row.op === "token") this.#options.onTokenEnd(row.to_id);
    else if (row.op === "class") this.#options.onClassChange();
    else if (row.op === "switch") this.#options.onOtherClass();
  }

  /**
   * Sent after the commit and not inside: there it would take a lock that all commits of the database share. While one
   * is on its way, no other is sent: the server that gets it reads everything. PostgreSQL would sync a notification to
   * the disk and to the standby, like any commit. Without that it is faster, and a lost one does no harm.
   */
  #notify(): void {
    if (this.#notifying || this.#isClosed) return;
    this.#notifying = true;
    this.#expected ??= setTimeout(() => this.#miss(), NOTIFICATION_MILLISECONDS).unref();
    this.#database
      .ask((sql) => sql`select set_config('synchronous_commit', 'off', true), pg_notify(${CHANNEL}, ${this.#name})`)
      .catch(() => {})
      .finally(() => {
        this.#notifying = false;
      });
  }

  /** The connection is new. A notification on the one before is lost, and so may others be. */
  #beginToHear(): void {
    clearTimeout(this.#expected);
    this.#expected = undefined;
    void this.#look();
  }

  #hear(from: string): void {
    clearTimeout(this.#expected);
    this.#expected = undefined;
    if (this.#isDeaf) {
      this.#isDeaf = false;
      this.#options.report("info", "Notifications from the database come through again", {});
      this.#lookEvery(LOOK_MILLISECONDS);
    }
    // This server has looked when it committed.
    if (from !== this.#name) void this.#look();
  }

  #miss(): void {
    this.#expected = undefined;
    if (this.#isDeaf || this.#isAway || this.#isClosed) return;
    this.#isDeaf = true;
    this.#options.report(
      "error",
      `No notifications come from the database, perhaps because of a pooler. Looking for events every ${LOOK_OFTEN_MILLISECONDS} ms`,
      {},
    );
    this.#lookEvery(LOOK_OFTEN_MILLISECONDS);
  }

  #lookEvery(milliseconds: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#look(), milliseconds).unref();
  }

  /** Removes events that are too old for streams that resume. Any server may do that, also several. */
  async #forget(): Promise<void> {
    try {
      await this.#database.change(
        (sql) => sql`delete from events where seq < (select seq - ${RECENT_EVENTS} from head)`,
      );
    } catch (error) {
      this.#options.report("error", "Old events are still in the database", { error });
    }
  }
}

/**
 * The events after a position. The newest one is always there, so the position is known also if nobody here is told.
 * @param users whose messages are wanted. Undefined: everybody's.
 */
function selectEvents(sql: Connection, position: number, users: ReadonlySet<number> | undefined) {
  const ids = users && [...users];
  const wanted =
    ids === undefined
      ? sql``
      : sql`
        and (
          op not in ('message', 'edit')
          or to_id = any(${ids}::bigint[])
          or from_id = any(${ids}::bigint[])
          or seq = (select max(seq) from events)
        )`;
  return sql<EventRow[]>`select * from events where seq > ${position} ${wanted} order by seq limit ${LIMIT}`;
}
