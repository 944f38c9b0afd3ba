/**
 * The database goes away and comes back while the server runs: it was killed, or a cable was pulled out. Every request
 * gets a reply within ten seconds, and afterwards everything works again without a restart.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { PlainchatClient } from "../client/plainchat-client.ts";
import type { Store } from "../server/store/store.ts";
import { DatabaseAwayError } from "../server/store/store-errors.ts";
import { databasePrograms, startDatabase } from "../testing/database.ts";
import { linkTo } from "../testing/database-link.ts";
import type { Reply } from "../testing/request.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";

const missing = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";
const LONGEST_MILLISECONDS = 10_000;

const database = missing ? undefined : await startDatabase({ after: (work) => after(work) });

async function startHere(t: TestContext) {
  const address = (await database?.create()) ?? "";
  const link = await linkTo(t, address);
  const app = await startApp(t, { database: link.address });
  return { app, link, address, ada: await app.register("ada"), grace: await app.register("grace") };
}

function publish(app: RunningApp, from: Person, to: Person, message: string): Promise<Reply> {
  return app.send({
    method: "POST",
    path: "/api/v1/chat",
    user: from.user,
    body: { userHandle: to.userHandle, message },
  });
}

/** Sends messages until one is stored. */
async function publishAtLast(app: RunningApp, from: Person, to: Person, message: string): Promise<void> {
  const deadline = Date.now() + LONGEST_MILLISECONDS;
  for (;;) {
    const { status, text } = await publish(app, from, to, message);
    if (status === 200) return;
    assert.equal(status, 503, text);
    assert.ok(Date.now() < deadline, "the server does not come back");
    await setTimeout(100);
  }
}

async function texts(app: RunningApp, reader: Person): Promise<string[]> {
  const { json } = await app.send({ path: "/api/v1/chat", user: reader.user });
  return json.messages.map(({ message }: { message: string }) => message);
}

for (const state of ["refused", "silent"] as const) {
  test(`while the link to the database is ${state}, each request gets a 503, and afterwards all works`, {
    skip: missing,
  }, async (t) => {
    const { app, link, ada, grace } = await startHere(t);
    await app.publish(ada, grace, "before");
    link.set(state);
    const begun = performance.now();
    const replies = await Promise.all([
      ...Array.from({ length: 40 }, (_, i) => publish(app, ada, grace, `lost ${i}`)),
      app.send({ path: "/api/v1/chat", user: grace.user }),
      app.send({ method: "PATCH", path: "/api/v1/register", user: ada.user, body: { rotateAuth: true } }),
    ]);
    assert.ok(performance.now() - begun < LONGEST_MILLISECONDS, `${performance.now() - begun} ms`);
    for (const { status, headers, text } of replies) {
      assert.equal(status, 503);
      // What was on its way to the database may have been done. Then nobody must be told to send it again.
      const isUnknown = JSON.parse(text).type === "/problems/outcome-unknown";
      assert.equal(headers["retry-after"], isUnknown ? undefined : "1");
    }
    link.set("open");
    await publishAtLast(app, grace, grace, "after");
    // More at once than there are connections: none of them is lost.
    await Promise.all(Array.from({ length: 40 }, (_, i) => publishAtLast(app, grace, grace, `after ${i}`)));
    assert.equal((await texts(app, grace)).filter((text) => text.startsWith("after")).length, 41);
  });
}

test("while the database is away, the server is alive but not ready, and /metrics has what it knows itself", {
  skip: missing,
}, async (t) => {
  const { app, link } = await startHere(t);
  const metrics = async () => (await app.send({ path: "/metrics" })).text;
  assert.match(await metrics(), /^plainchat_users 2$/m);
  assert.match(await metrics(), /^plainchat_database_away 0$/m);
  assert.equal((await app.send({ path: "/readyz" })).status, 200);

  link.set("refused");
  assert.deepEqual((await app.send({ path: "/healthz" })).json, { status: "ok" });
  const ready = await app.send({ path: "/readyz" });
  assert.equal(ready.status, 503);
  const problems = ["The server cannot use its database at the moment. Its log says why."];
  assert.deepEqual(JSON.parse(ready.text), { ready: false, filesAside: 0, problems });
  const text = await metrics();
  assert.match(text, /^plainchat_database_away 1$/m);
  assert.match(text, /^plainchat_requests_total\{operation="registerUser",status="200"\} 2$/m);
  assert.match(text, /^plainchat_connections [1-9]\d*$/m);
  // A graph that falls to zero would say that everybody has left.
  assert.doesNotMatch(text, /^plainchat_(?:users|messages|not_durable) /m);

  link.set("open");
  const deadline = Date.now() + LONGEST_MILLISECONDS;
  while (!/^plainchat_users 2$/m.test(await metrics())) {
    assert.ok(Date.now() < deadline, "the figures come back");
    await setTimeout(100);
  }
});

test("a stream goes on where it was when the database is there again", { skip: missing }, async (t) => {
  const { app, link, ada, grace } = await startHere(t);
  const client = new PlainchatClient(app.origin, {
    credentials: { myId: grace.userId, myAuth: grace.authToken },
  });
  const listening = new AbortController();
  const events = client.listen({ after: 0, signal: listening.signal });
  const hear = async () => {
    const { value } = await events.next();
    return value?.type === "message" ? value.message.message : value;
  };
  await app.publish(ada, grace, "first");
  assert.equal(await hear(), "first");
  link.set("refused");
  assert.equal((await publish(app, ada, grace, "lost")).status, 503);
  // The feed looks once a second. It must have failed at least once.
  while (!app.reports.some((each) => each.includes("does not answer"))) await setTimeout(50);
  link.set("open");
  await publishAtLast(app, ada, grace, "second");
  assert.equal(await hear(), "second");
  listening.abort();
  await events.return();
});

test("a commit that an operator cancels while it waits for the standby is not acknowledged", {
  skip: missing,
}, async (t) => {
  const { app, address, ada } = await startHere(t);
  const operator = postgres(address, { max: 1, onnotice: () => {} });
  t.after(async () => {
    await operator`alter system reset synchronous_standby_names`;
    await operator`select pg_reload_conf()`;
    await operator.end();
  });
  await operator`alter system set synchronous_standby_names = 'nobody'`;
  await operator`select pg_reload_conf()`;
  while ((await operator`show synchronous_standby_names`)[0]?.synchronous_standby_names !== "nobody")
    await setTimeout(20);
  // PostgreSQL begins to wait for the standby a moment after it has read the setting. Until then a message may get a 200.
  let reply: Reply | undefined;
  while (reply === undefined || reply.status === 200) {
    reply = undefined;
    void publish(app, ada, ada, "on one machine only").then((each) => {
      reply = each;
    });
    while (reply === undefined) {
      await operator`
        select pg_cancel_backend(pid) from pg_stat_activity
        where application_name = 'plainchat' and wait_event = 'SyncRep'`;
      await setTimeout(20);
    }
  }
  const { status, text } = reply;
  assert.deepEqual([status, JSON.parse(text).type], [503, "/problems/outcome-unknown"]);
});

test("a transaction whose connection dies ends with a 503, and the server lives", { skip: missing }, async (t) => {
  const { app, address, ada } = await startHere(t);
  const operator = postgres(address, { max: 2 });
  t.after(() => operator.end());
  // The change of the token waits for this lock, in the middle of its transaction. PostgreSQL may still show the statement
  // before as its query: it takes the lock when it first reads a statement.
  await operator.begin(async (sql) => {
    await sql`lock table users in share mode`;
    const changing = app.send({
      method: "PATCH",
      path: "/api/v1/register",
      user: ada.user,
      body: { rotateAuth: true },
    });
    for (;;) {
      // On another connection: within a transaction, pg_stat_activity always says what it said the first time.
      const ended = await operator`
        select pg_terminate_backend(pid) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`;
      if (ended.length > 0) break;
      await setTimeout(20);
    }
    const { status, text } = await changing;
    // Its COMMIT was not sent, so nothing was done.
    assert.deepEqual([status, JSON.parse(text).type], [503, "/problems/service-unavailable"]);
  });
  await publishAtLast(app, ada, ada, "after");
});

test("a long page whose messages cannot be read any more is a 503, by the fast path and by the other one", async (t) => {
  const app = await startApp(t, { database: undefined });
  const ada = await app.register("ada");
  const { messages } = app.store as Store;
  messages.page = async () => ({
    count: 20,
    bytes: 300_000,
    get json() {
      return Promise.reject(new DatabaseAwayError("It is away"));
    },
  });
  for (const path of ["/api/v1/chat", "/api/v1/chat?limit=20"]) {
    const { status, headers, text } = await app.send({ path, user: ada.user });
    assert.deepEqual([status, JSON.parse(text).type], [503, "/problems/service-unavailable"], path);
    assert.equal(headers["retry-after"], "1");
  }
});
