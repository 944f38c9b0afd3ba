/**
 * Does what people in a chat do, at random but the same for the same seed, directly in a store. And sees everything that
 * a store can be asked. Tests of moves compare what two stores say.
 */
import { setTimeout } from "node:timers/promises";
import type { Random } from "../prove/hostile/requests/random.ts";
import type { User } from "../server/store/contract.ts";
import type { Store } from "../server/store/store.ts";
import { makeAuthToken } from "../server/store/users/auth-token.ts";

/** Names that somebody who wants to do harm would choose, and some that only look strange. */
const HANDLES = [
  "ada",
  "grace hopper",
  "'); drop table users; --",
  '{"op":"leave","seq":1}',
  "{a,b}\\",
  "NULL",
  "null",
  "../../etc/passwd",
  "$1 $2 %s",
  "Ünïcödé",
  "日本語の名前",
  "👩🏽‍🚀👨‍👩‍👧‍👦🇩🇪",
  "é composed",
  "100% 'quoted' \"twice\"",
];
const TEXTS = [
  "hi",
  "Two\nlines\twith a tab",
  "'); delete from messages; --",
  '","crc":"00000000"}',
  "\\x00 \\u0000 {} {null} NULL \\N \\.",
  "👩🏽‍🚀 and 🇩🇪 and ‮right to left",
  "é é Å Å ﬁ",
  "␀ \u2028 \u2029 \ufeff",
  "x".repeat(2000),
  "🙂".repeat(1000),
  '"'.repeat(1500),
];
/** For so many of the last events, a view says how many messages there were. */
const LOOKED_BACK = 200;
/** Edits and removals prefer messages from not long ago, as people do. */
const RECENT = 60;

export interface KnownChat {
  users: number[];
  /** Ids of all messages ever. */
  messages: number[];
  keys: { messageId: number; fromId: number; toId: number; key: string; message: string }[];
}

/** @param known what was there before. */
export async function changeAtRandom(
  store: Store,
  random: Random,
  changes: number,
  known: KnownChat = { users: [], messages: [], keys: [] },
): Promise<KnownChat> {
  const chat = { users: [...known.users], messages: [...known.messages], keys: [...known.keys] };
  for (let change = 0; change < changes; change++) {
    const dice = random.below(100);
    const user = await someUser(store, random, chat);
    const other = await someUser(store, random, chat);
    if (user === undefined || other === undefined || dice < 8) await register(store, random, chat);
    else if (dice < 65) await publish(store, random, chat, user, other);
    else if (dice < 80) await store.messages.edit(someMessage(random, chat), `${oneOf(random, TEXTS)} (edited)`);
    else if (dice < 90) await store.messages.remove(someMessage(random, chat));
    else if (dice < 94) await changeUser(store, user, oneOf(random, HANDLES), user.authToken.text);
    else if (dice < 97) await changeUser(store, user, user.userHandle, makeAuthToken());
    else await leave(store, user);
  }
  return chat;
}

function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)] as Item;
}

async function someUser(store: Store, random: Random, { users }: KnownChat): Promise<User | undefined> {
  const user = users.length === 0 ? "not found" : await store.users.openTokenFile(oneOf(random, users));
  return typeof user === "string" ? undefined : user;
}

function someMessage(random: Random, { messages }: KnownChat): number {
  return messages.length === 0 ? 1 : oneOf(random, messages.slice(-RECENT));
}

async function register({ users }: Store, random: Random, chat: KnownChat): Promise<void> {
  const handle = oneOf(random, HANDLES);
  const userId = await users.nextId();
  await users.createTokenFile(userId, makeAuthToken(), handle);
  if (await users.createHandleFile(users.hashHandle(handle), userId)) chat.users.push(userId);
  else await users.abandon(userId);
}

async function publish(store: Store, random: Random, chat: KnownChat, from: User, to: User): Promise<void> {
  const message = oneOf(random, TEXTS);
  const idempotencyKey = random.below(3) === 0 ? `key '${random.below(1_000_000)}' "{}"` : undefined;
  const marks = { ...(random.below(9) === 0 && { isTeacher: true as const, isToAll: true as const }) };
  const toId = to.userId;
  const done = await store.messages.publish({ from, toId, toHandle: to.userHandle, message, idempotencyKey, marks });
  if (typeof done === "string") throw new Error(done);
  const { messageId } = done;
  chat.messages.push(messageId);
  if (idempotencyKey !== undefined)
    chat.keys.push({ messageId, fromId: from.userId, toId, key: idempotencyKey, message });
}

async function changeUser({ users }: Store, { userId }: User, handle: string, token: string): Promise<void> {
  await users.oneAtATime(userId, async () => {
    const user = await users.openTokenFile(userId);
    if (typeof user === "string") return;
    const [oldHash, newHash] = [users.hashHandle(user.userHandle), users.hashHandle(handle)];
    if (newHash !== oldHash && !(await users.createHandleFile(newHash, userId))) return;
    await users.change(userId, handle, token);
    if (newHash !== oldHash) await users.removeHandleFile(oldHash);
  });
}

async function leave({ users, messages }: Store, user: User): Promise<void> {
  await users.oneAtATime(user.userId, async () => {
    await users.removeTokenFile(user.userId);
    await messages.dropQueue(user.userId);
    await users.removeTraces(user);
  });
}

/** Everything that a store says, as clients see it. */
export async function viewOf(store: Store, { users: userIds, keys }: KnownChat) {
  const { users, messages } = store;
  const last = await messages.last();
  // A store in a database tells its streams a moment after the commit.
  while (messages.toldUpTo < last.eventId) await setTimeout(1);
  const tokens = [];
  const boxes = [];
  const events = [];
  for (const userId of userIds) {
    const user = await users.openTokenFile(userId);
    tokens.push(typeof user === "string" ? user : [user.userHandle, user.authToken.text]);
    if (typeof user === "string") continue;
    const query = { userId, otherId: undefined, after: undefined, before: undefined, limit: 10_000 };
    for (const box of ["received", "sent", "both"] as const) {
      boxes.push(JSON.parse(String(await (await messages.page({ ...query, box })).json)));
      for (const after of [0, Math.floor(last.eventId / 2), last.eventId - 50, last.eventId - 5]) {
        const missed = await messages.events({ userId, box, after, missedUpTo: last.eventId, limit: 10_000 });
        if (missed === "forgotten") events.push(missed);
        // The text of a JSON that is made on demand, and where the stream goes on.
        else events.push([missed.upTo, ...missed.events.map((each) => ({ ...each, json: JSON.parse(each.json) }))]);
      }
    }
  }
  return {
    last,
    secret: await store.secret.read(),
    list: await users.list(0, 10_000),
    owners: await Promise.all(HANDLES.map(async (handle) => users.openHandleFile(users.hashHandle(handle)))),
    tokens,
    boxes,
    events: events.map((each) => JSON.parse(JSON.stringify(each))),
    retries: await retriesOf(store, keys),
    lastMessages: await lastMessagesOf(store, last.eventId),
  };
}

/** What a client gets that sends its messages again, with the same text and with another one. */
async function retriesOf({ users, messages }: Store, keys: KnownChat["keys"]) {
  const answers = [];
  for (const { messageId, fromId, toId, key, message } of keys) {
    const [from, to] = [await users.openTokenFile(fromId), await users.openTokenFile(toId)];
    // A key lasts as long as its message.
    if ((await messages.find(messageId)) === undefined || typeof from === "string" || typeof to === "string") continue;
    const draft = { from, toId, toHandle: to.userHandle, idempotencyKey: key };
    const other = await messages.publish({ ...draft, message: `${message}!` });
    answers.push([key, other, await messages.publish({ ...draft, message })]);
  }
  return answers;
}

/** How many messages there were at some events, as far as they are still there. */
async function lastMessagesOf({ messages }: Store, lastEventId: number): Promise<(number | undefined)[]> {
  const ids = (JSON.parse(String(await (await messages.pageOfAll(0, 100_000)).json)) as { messageId: number }[]).map(
    ({ messageId }) => messageId,
  );
  const counts = [];
  for (let eventId = Math.max(0, lastEventId - LOOKED_BACK); eventId <= lastEventId; eventId += 3) {
    const last = await messages.lastMessageAt(eventId);
    counts.push(last === undefined ? undefined : ids.filter((id) => id <= last).length);
  }
  return counts;
}
