/**
 * The users and the class secret in the database while somebody watches a request: the real store does everything, and
 * the rows that it reads or changes are shown before and after. It is the counterpart of observed-users.ts.
 */
import type { Confidential, Secret, User, Users } from "../../contract.ts";
import { ObservedText } from "../../observed/observed-text.ts";
import type { ObservedEvents } from "./observed-events.ts";
import type { ObservedRows } from "./observed-rows.ts";
import { handleRow, SECRET_ROW, userRow } from "./watched-rows.ts";

/** How many of the rows that a list comes from are shown. */
const ROWS_OF_A_LIST = 4;

export class ObservedTableUsers implements Users {
  readonly #users: Users;
  readonly #rows: ObservedRows;
  readonly #events: ObservedEvents;

  constructor(users: Users, rows: ObservedRows, events: ObservedEvents) {
    this.#users = users;
    this.#rows = rows;
    this.#events = events;
  }

  async openTokenFile(userId: number): Promise<User | "not found" | "unreadable"> {
    const user = await this.#users.openTokenFile(userId);
    await this.#rows.showRead(userRow(userId));
    if (typeof user === "string") return user;
    const authToken = new ObservedText(user.authToken, this.#rows.witness);
    return { userId: user.userId, userHandle: user.userHandle, authToken };
  }

  hashHandle(userHandle: string): string {
    const hashUserHandle = this.#users.hashHandle(userHandle);
    this.#rows.witness.made(hashUserHandle, userHandle);
    return hashUserHandle;
  }

  async openHandleFile(hashUserHandle: string): Promise<{ readonly userId: number } | "not found" | "unreadable"> {
    const owner = await this.#users.openHandleFile(hashUserHandle);
    await this.#rows.showRead(handleRow(hashUserHandle));
    return owner;
  }

  /** A sequence gives each number once, so what it was before is certain, and need not be read. */
  async nextId(): Promise<number> {
    const userId = await this.#users.nextId();
    const before = userId === 1 ? { last_value: 1, is_called: false } : { last_value: userId - 1, is_called: true };
    this.#rows.show({ path: "user_ids" }, "changed", before, { last_value: userId, is_called: true });
    return userId;
  }

  createTokenFile(userId: number, authToken: string, userHandle: string): Promise<void> {
    this.#rows.witness.conceal(authToken);
    return this.#rows.showChanges([userRow(userId)], () => this.#users.createTokenFile(userId, authToken, userHandle));
  }

  createHandleFile(hashUserHandle: string, userId: number): Promise<boolean> {
    return this.#rows.showChanges([handleRow(hashUserHandle)], () =>
      this.#users.createHandleFile(hashUserHandle, userId),
    );
  }

  abandon(userId: number): Promise<void> {
    return this.#rows.showChanges([userRow(userId)], () => this.#users.abandon(userId));
  }

  change(userId: number, userHandle: string, authToken: string): Promise<void> {
    this.#rows.witness.conceal(authToken);
    return this.#changeAndEndToken(userId, () => this.#users.change(userId, userHandle, authToken));
  }

  removeHandleFile(hashUserHandle: string): Promise<void> {
    return this.#rows.showChanges([handleRow(hashUserHandle)], () => this.#users.removeHandleFile(hashUserHandle));
  }

  removeTokenFile(userId: number): Promise<void> {
    return this.#changeAndEndToken(userId, () => this.#users.removeTokenFile(userId));
  }

  removeTraces(user: User): Promise<void> {
    const row = handleRow(this.hashHandle(user.userHandle));
    return this.#rows.showChanges([row], () => this.#users.removeTraces(user));
  }

  async list(afterId: number, limit: number): Promise<{ userId: number; userHandle: string }[]> {
    const listed = await this.#users.list(afterId, limit);
    await this.#rows.showList(listed.slice(0, ROWS_OF_A_LIST).map(({ userId }) => userRow(userId)));
    return listed;
  }

  oneAtATime<Result>(userId: number, work: () => Promise<Result>): Promise<Result> {
    return this.#users.oneAtATime(userId, work);
  }

  /** If the token ends, an event tells all servers to end the streams of this user. */
  async #changeAndEndToken(userId: number, work: () => Promise<void>): Promise<void> {
    const since = await this.#events.last();
    await this.#rows.showChanges([userRow(userId)], work);
    const ended = await this.#events.find(since, { op: "token", toId: userId });
    if (ended !== undefined) this.#events.show(ended);
  }
}

export class ObservedDatabaseSecret implements Secret {
  readonly #secret: Secret;
  readonly #rows: ObservedRows;

  constructor(secret: Secret, rows: ObservedRows) {
    this.#secret = secret;
    this.#rows = rows;
  }

  async open(): Promise<Confidential | undefined> {
    const secret = await this.#secret.open();
    await this.#rows.showRead(SECRET_ROW);
    return secret === undefined ? undefined : new ObservedText(secret, this.#rows.witness);
  }
}
