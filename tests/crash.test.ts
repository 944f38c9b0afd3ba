/**
 * The promise that everything else is for: what was acknowledged is there after the server was killed. Sixty-four
 * clients publish, edit, delete and register while the server is killed at a random moment, again and again.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { send } from "./request.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ROUNDS = 20;
const CLIENTS = 64;
const MAX_MILLISECONDS_UNDER_LOAD = 250;
/** Small files, so that many are begun, and written anew, while the server is killed. */
const SMALL_FILES = { PLAINCHAT_MAX_FILE_BYTES: String(32 * 1024) };

interface Client {
  userId: number;
  user: string;
  handle: string;
}

/** What the clients know: a message is as it was acknowledged, or on its way to something else that may have happened. */
interface Known {
  /** Texts that the message may have. */
  texts: Set<string>;
  /** "there", "gone", or "either" when a delete was sent and no answer came. */
  state: "there" | "gone" | "either";
}

class Ledger {
  readonly messages = new Map<number, Known>();
  /** Texts of which the client does not know whether they were stored. */
  readonly unknownTexts = new Set<string>();
  readonly handles = new Map<string, number>();
  sent = 0;
}

test(`${ROUNDS} kills under load from ${CLIENTS} clients: nothing acknowledged is missing, nothing is there twice`, async (t) => {
  const root = await temporaryFolder(t);
  const ledger = new Ledger();
  let server = await startServer(t, root, SMALL_FILES);
  const clients: Client[] = [];
  for (let i = 0; i < CLIENTS; i++) clients.push(await register(server, `client-${i}`, ledger));

  for (let round = 1; round <= ROUNDS; round++) {
    const ending = { now: false };
    const working = clients.map((client) => work(server.origin, client, clients, ledger, ending, round, server.secret));
    await setTimeout(20 + Math.random() * MAX_MILLISECONDS_UNDER_LOAD);
    await server.stop("SIGKILL");
    ending.now = true;
    await Promise.all(working);
    server = await startServer(t, root, SMALL_FILES);
    await compare(server, clients, ledger);
  }
  const { text } = await send(server.origin, { path: "/metrics" });
  assert.ok(Number(/plainchat_journal_files (\d+)/.exec(text)?.[1]) > 5, "files were begun");
  t.diagnostic(`${ledger.messages.size} messages acknowledged, ${ledger.handles.size} users`);
  assert.ok(ledger.messages.size > ROUNDS * 10, "the clients did get something done");
  assert.equal(await server.stop("SIGTERM"), 0);
});

async function register(server: RunningServer, handle: string, ledger: Ledger): Promise<Client> {
  const body = { secret: server.secret, userHandle: handle };
  const reply = await send(server.origin, { method: "POST", path: "/api/v1/register", body });
  assert.equal(reply.status, 200, reply.text);
  const { userId, authToken } = reply.json;
  assert.ok(![...ledger.handles.values()].includes(userId), `id ${userId} was given out twice`);
  ledger.handles.set(handle, userId);
  return { userId, user: `${userId}:${authToken}`, handle };
}

/** One client, until the connection breaks because the server was killed. */
async function work(
  origin: string,
  client: Client,
  clients: Client[],
  ledger: Ledger,
  ending: { now: boolean },
  round: number,
  secret: string,
): Promise<void> {
  const mine: number[] = [];
  try {
    for (let i = 0; !ending.now; i++) {
      const to = clients[Math.floor(Math.random() * clients.length)] ?? client;
      const picked = mine[Math.floor(Math.random() * mine.length)];
      const choice = Math.random();
      if (choice < 0.15 && picked !== undefined) await edit(origin, client, picked, ledger);
      else if (choice < 0.3 && picked !== undefined) {
        mine.splice(mine.indexOf(picked), 1);
        await remove(origin, client, picked, ledger);
      } else if (choice < 0.31) {
        const handle = `late-${round}-${client.userId}-${i}`;
        const body = { secret, userHandle: handle };
        const reply = await send(origin, { method: "POST", path: "/api/v1/register", body });
        assert.equal(reply.status, 200, reply.text);
        ledger.handles.set(handle, reply.json.userId);
      } else mine.push(await publish(origin, client, to, ledger));
    }
  } catch (error) {
    // The connection broke. An assertion that failed is another matter.
    if (error instanceof assert.AssertionError) throw error;
  }
}

async function publish(origin: string, from: Client, to: Client, ledger: Ledger): Promise<number> {
  ledger.sent++;
  const message = `text ${ledger.sent}`;
  ledger.unknownTexts.add(message);
  const body = { userHandle: to.handle, message };
  const reply = await send(origin, { method: "POST", path: "/api/v1/chat", user: from.user, body });
  assert.equal(reply.status, 200, reply.text);
  const { messageId } = reply.json;
  assert.ok(!ledger.messages.has(messageId), `message id ${messageId} was given out twice`);
  ledger.messages.set(messageId, { texts: new Set([message]), state: "there" });
  ledger.unknownTexts.delete(message);
  return messageId;
}

async function edit(origin: string, client: Client, messageId: number, ledger: Ledger): Promise<void> {
  const known = ledger.messages.get(messageId) ?? assert.fail();
  ledger.sent++;
  const message = `text ${ledger.sent}`;
  known.texts.add(message);
  const body = { messageId, message };
  const reply = await send(origin, { method: "PATCH", path: "/api/v1/chat", user: client.user, body });
  assert.equal(reply.status, 200, reply.text);
  known.texts = new Set([message]);
}

async function remove(origin: string, client: Client, messageId: number, ledger: Ledger): Promise<void> {
  const known = ledger.messages.get(messageId) ?? assert.fail();
  known.state = "either";
  const reply = await send(origin, { method: "DELETE", path: "/api/v1/chat", user: client.user, body: { messageId } });
  assert.equal(reply.status, 200, reply.text);
  known.state = "gone";
}

/** Reads every queue, and holds it against what the clients know. What they did not know, they know now. */
async function compare(server: RunningServer, clients: Client[], ledger: Ledger): Promise<void> {
  const seen = new Map<number, string>();
  for (const client of clients) {
    for (let after = 0; ; ) {
      const path = `/api/v1/chat?limit=200&after=${after}`;
      const reply = await send(server.origin, { path, user: client.user });
      assert.equal(reply.status, 200, reply.text);
      for (const { messageId, message } of reply.json.messages) {
        assert.ok(!seen.has(messageId), `message ${messageId} is there twice`);
        seen.set(messageId, message);
        after = messageId;
      }
      if (reply.json.messages.length === 0) break;
    }
  }
  for (const [messageId, known] of ledger.messages) {
    const text = seen.get(messageId);
    if (known.state === "there") assert.ok(text !== undefined, `message ${messageId} was acknowledged and is missing`);
    if (known.state === "gone") assert.equal(text, undefined, `message ${messageId} was deleted and is there`);
    if (text !== undefined) assert.ok(known.texts.has(text), `message ${messageId} has a text that nobody sent last`);
    ledger.messages.set(messageId, {
      texts: new Set(text === undefined ? [] : [text]),
      state: text === undefined ? "gone" : "there",
    });
  }
  const texts = [...seen.values()];
  assert.equal(new Set(texts).size, texts.length, "a text is there twice");
  for (const [messageId, text] of seen) {
    if (ledger.messages.has(messageId)) continue;
    // Not acknowledged, and stored all the same: that is allowed, once.
    assert.ok(ledger.unknownTexts.delete(text), `message ${messageId} was never sent`);
    ledger.messages.set(messageId, { texts: new Set([text]), state: "there" });
  }
  ledger.unknownTexts.clear();
  await compareHandles(server, clients[0] ?? assert.fail(), ledger);
}

async function compareHandles(server: RunningServer, client: Client, ledger: Ledger): Promise<void> {
  const listed = new Map<string, number>();
  for (let after = 0; ; ) {
    const path = `/api/v1/users?limit=200&after=${after}`;
    const { users } = (await send(server.origin, { path, user: client.user })).json;
    if (users.length === 0) break;
    for (const { userId, userHandle } of users) {
      assert.ok(!listed.has(userHandle), `the handle ${userHandle} is there twice`);
      listed.set(userHandle, userId);
      after = userId;
    }
  }
  for (const [handle, userId] of ledger.handles) assert.equal(listed.get(handle), userId, handle);
}
