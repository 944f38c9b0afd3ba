/**
 * The users in the tables `users` and `handles`. What the file store does with a file, this does with a row, and every
 * question goes to the database: another server may have changed the row a millisecond ago.
 */
import type { User, Users } from "../contract.ts";
import { OneAtATime } from "../one-at-a-time.ts";
import { OtherClassError } from "../store-errors.ts";
import { ConfidentialText } from "../users/confidential-text.ts";
import { hashHandle } from "../users/handle-hash.ts";
import type { Database } from "./connection/database.ts";
import { nextEvent } from "./head.ts";
import type { PresentClass } from "./present-class.ts";
import { SharedReads } from "./shared-reads.ts";

interface UserRow {
  user_id: number;
  auth_token: string;
  handle: string;
}

interface HandleRow {
  handle_hash: string;
  user_id: number;
}

export class TableUsers implements Users {
  readonly #database: Database;
  readonly #present: PresentClass;
  readonly #onEvent: () => void;
  readonly #changes = new OneAtATime<number>();
  readonly #users: SharedReads<number, UserRow>;
  readonly #handles: SharedReads<string, HandleRow>;

  /** @param onEvent called when an event was committed: streams must hear of it. */
  constructor(database: Database, present: PresentClass, onEvent: () => void) {
    this.#database = database;
    this.#present = present;
    this.#onEvent = onEvent;
    this.#users = new SharedReads((userIds) => this.#readUsers(userIds));
    this.#handles = new SharedReads((hashes) => this.#readHandles(hashes));
  }

  async openTokenFile(userId: number): Promise<User | "not found" | "unreadable"> {
    const row = this.#database.isInTransaction
      ? (await this.#readUsers([userId])).get(userId)
      : await this.#users.read(userId);
    if (row === undefined) return "not found";
    return { userId, userHandle: row.handle, authToken: new ConfidentialText(row.auth_token) };
  }

  hashHandle(userHandle: string): string {
    return hashHandle(userHandle);
  }

  async openHandleFile(hashUserHandle: string): Promise<{ readonly userId: number } | "not found" | "unreadable"> {
    const row = this.#database.isInTransaction
      ? (await this.#readHandles([hashUserHandle])).get(hashUserHandle)
      : await this.#handles.read(hashUserHandle);
    return row === undefined ? "not found" : { userId: row.user_id };
  }

  /** A number that is lost on the way is missing for ever, and nobody minds. */
  async nextId(): Promise<number> {
    const [row] = await this.#database.ask<{ id: number }[]>((sql) => sql`select nextval('user_ids') as id`);
    if (row === undefined) throw new Error("A sequence gives a number");
    return row.id;
  }

  /**
   * If the answer is lost, the row may be there. But the handle decides who is registered, and it comes later: so for
   * the client nothing was stored, and it may ask again.
   *
   * Only into the class whose secret the user knew. No lock is needed to be sure of that: who puts a class away waits
   * until nobody writes into `users`, and who writes next sees what is in `head` after that.
   */
  async createTokenFile(userId: number, authToken: string, userHandle: string): Promise<void> {
    const created = await this.#database.ask(
      (sql) => sql`
        insert into users (user_id, auth_token, handle)
        select ${userId}::bigint, ${authToken}::text, ${userHandle}::text from head
        where class_began = ${this.#present.began}
        returning user_id`,
    );
    if (created.length === 0) throw new OtherClassError("The user was meant for another class");
  }

  async createHandleFile(hashUserHandle: string, userId: number): Promise<boolean> {
    // The primary key decides between two who want the same handle at the same moment, on whichever server they are.
    // If the class was put away since the user was made, the user is not in `users`, and the handle must not be there.
    const created = await this.#database.change(
      (sql) => sql`
        insert into handles (handle_hash, user_id)
        select ${hashUserHandle}::text, user_id from users where user_id = ${userId}
        on conflict (handle_hash) do nothing
        returning user_id`,
    );
    if (created.length > 0) return true;
    const owner = (await this.#readHandles([hashUserHandle])).get(hashUserHandle);
    if (owner?.user_id === userId) return true;
    if (!(await this.#readUsers([userId])).has(userId)) throw new OtherClassError("The user is in another class");
    return false;
  }

  /** Whether the row is gone or not, nobody is registered. */
  async abandon(userId: number): Promise<void> {
    await this.#database.ask((sql) => sql`delete from users where user_id = ${userId}`);
  }

  async change(userId: number, userHandle: string, authToken: string): Promise<void> {
    await this.#tokenEnds(
      userId,
      (sql) => sql`
        update users set handle = ${userHandle}, auth_token = ${authToken}
        from users as before
        where users.user_id = ${userId} and before.user_id = ${userId}
        returning before.auth_token <> ${authToken} as has_ended`,
    );
  }

  async removeHandleFile(hashUserHandle: string): Promise<void> {
    await this.#database.change((sql) => sql`delete from handles where handle_hash = ${hashUserHandle}`);
  }

  async removeTokenFile(userId: number): Promise<void> {
    await this.#tokenEnds(
      userId,
      (sql) => sql`delete from users where user_id = ${userId} returning true as has_ended`,
    );
  }

  async removeTraces(user: User): Promise<void> {
    await this.#database.change((sql) => sql`delete from handles where user_id = ${user.userId}`);
  }

  /** A user who has no handle yet is being registered, or was, when a server died. */
  async list(afterId: number, limit: number): Promise<{ userId: number; userHandle: string }[]> {
    const rows = await this.#database.ask<UserRow[]>(
      (sql) => sql`
        select user_id, handle from users
        where user_id > ${afterId} and exists (select from handles where handles.user_id = users.user_id)
        order by user_id
        limit ${Number.isFinite(limit) ? limit : null}`,
    );
    return rows.map(({ user_id: userId, handle: userHandle }) => ({ userId, userHandle }));
  }

  /** First in turn on this server, so that those who wait take no connections. Then in turn on all servers. */
  oneAtATime<Result>(userId: number, work: () => Promise<Result>): Promise<Result> {
    return this.#changes.run(userId, async () => {
      try {
        return await this.#database.transaction(userId, work);
      } finally {
        this.#onEvent();
      }
    });
  }

  /**
   * Changes a user, and numbers an event if the token has ended, which ends the streams of this user on all servers.
   * @param query gives `has_ended`.
   */
  async #tokenEnds(userId: number, query: Parameters<Database["change"]>[0]): Promise<void> {
    const { isInTransaction } = this.#database;
    const [changed] = await this.#database.change<{ has_ended: boolean }[]>(query as never);
    if (changed?.has_ended !== true) return;
    await this.#database.inOneTrip((sql) => nextEvent(sql, { op: "token", fromId: 0, toId: userId }));
    if (!isInTransaction) this.#onEvent();
  }

  async #readUsers(userIds: number[]): Promise<Map<number, UserRow>> {
    const rows = await this.#database.ask<UserRow[]>(
      (sql) => sql`select user_id, auth_token, handle from users where user_id = any(${userIds}::bigint[])`,
    );
    return new Map(rows.map((row) => [row.user_id, row]));
  }

  async #readHandles(hashes: string[]): Promise<Map<string, HandleRow>> {
    const rows = await this.#database.ask<HandleRow[]>(
      (sql) => sql`select handle_hash, user_id from handles where handle_hash = any(${hashes}::text[])`,
    );
    return new Map(rows.map((row) => [row.handle_hash, row]));
  }
}
