/**
 * Opens stores over one PostgreSQL for the tests of a file, as several servers do. Where this computer has no
 * PostgreSQL, `noDatabase` is the reason for skipping the tests.
 */
import { after } from "node:test";
import type { Audience, ChatEvent, User } from "../server/store/contract.ts";
import { openDatabase } from "../server/store/postgres/open-database.ts";
import type { Store } from "../server/store/store.ts";
import { makeAuthToken } from "../server/store/users/auth-token.ts";
import { atEnd, type Ending } from "./at-end.ts";
import { databasePrograms, startDatabase, type TestDatabase } from "./database.ts";

export const noDatabase = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";

export interface TestStore extends Store {
  /** The events that the store told. */
  events: ChatEvent[];
  /** The users whose tokens have ended. */
  ended: number[];
  reports: string[];
}

/** The end of the file: `after` in the middle of a test would be the end of that test. */
const file: Ending = { after: (work) => after(work) };
atEnd(file, () => {});
let cluster: Promise<TestDatabase> | undefined;

/** One PostgreSQL for all tests of the file. */
export function theDatabase(): Promise<TestDatabase> {
  cluster ??= startDatabase(file);
  return cluster;
}

/** Opens several stores over a new database, as several servers do. */
export async function openServers(test: Ending, count: number): Promise<TestStore[]> {
  const address = await (await theDatabase()).create();
  const stores: TestStore[] = [];
  for (let i = 0; i < count; i++) stores.push(await openAt(test, address));
  return stores;
}

interface OpenOptions {
  /** Who is told. Without it, every event is told. */
  audience?: Audience;
  /** Whether it refuses a PostgreSQL that is not durable, as most of those for tests are not. */
  mustBeDurable?: boolean;
  isClass?: boolean;
}

export async function openAt(
  test: Ending,
  address: string,
  { audience, mustBeDurable = false, isClass = false }: OpenOptions = {},
): Promise<TestStore> {
  const events: ChatEvent[] = [];
  const ended: number[] = [];
  const reports: string[] = [];
  const store = await openDatabase({
    address,
    mustBeDurable,
    isClass,
    now: Date.now,
    report: (level, sentence) => reports.push(`${level}: ${sentence}`),
    onEvent: (event) => events.push(event),
    onTokenEnd: (userId) => ended.push(userId),
    audience,
  });
  atEnd(test, () => store.close());
  return { ...store, events, ended, reports };
}

/** Registers a user in the same way as the operation. */
export async function addUser({ users }: Store, userHandle: string): Promise<User> {
  const userId = await users.nextId();
  await users.createTokenFile(userId, makeAuthToken(), userHandle);
  if (!(await users.createHandleFile(users.hashHandle(userHandle), userId))) throw new Error("The handle is taken");
  const user = await users.openTokenFile(userId);
  if (typeof user === "string") throw new Error(`The user is ${user}`);
  return user;
}

export async function readBox(
  { messages }: Store,
  { userId }: User,
): Promise<{ messageId: number; message: string }[]> {
  const query = { userId, box: "received", otherId: undefined, after: 0, before: undefined, limit: 5000 } as const;
  return JSON.parse(String(await (await messages.page(query)).json));
}

/** Publishes a message, as the operation does. */
export function send({ messages }: Store, from: User, to: User, message: string, idempotencyKey?: string) {
  return messages.publish({ from, toId: to.userId, toHandle: to.userHandle, message, idempotencyKey });
}
