/**
 * The database goes away and comes back while the server runs: it was killed, or a cable was pulled out. Every request
 * gets a reply within ten seconds, and afterwards everything works again without a restart.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { PlainchatClient } from "../client/plainchat-client.ts";
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
    for (const { status, headers } of replies) {
      assert.equal(status, 503);
      assert.equal(headers["retry-after"], "1");
    }
    link.set("open");
    await publishAtLast(app, grace, grace, "after");
    // More at once than there are connections: none of them is lost.
    await Promise.all(Array.from({ length: 40 }, (_, i) => publishAtLast(app, grace, grace, `after ${i}`)));
    assert.equal((await texts(app, grace)).filter((text) => text.startsWith("after")).length, 41);
  });
}

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
  const publishing = publish(app, ada, ada, "on one machine only");
  for (;;) {
    const cancelled = await operator`
      select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'plainchat' and wait_event = 'SyncRep'`;
    if (cancelled.length > 0) break;
    await setTimeout(20);
  }
  assert.equal((await publishing).status, 503);
});

test("a transaction whose connection dies ends with a 503, and the server lives", { skip: missing }, async (t) => {
  const { app, address, ada } = await startHere(t);
  const operator = postgres(address, { max: 1 });
  t.after(() => operator.end());
  // The change of the token waits for this lock, in the middle of its transaction.
  await operator.begin(async (sql) => {
    await sql`lock table users in share mode`;
    let isTerminated = false;
    while (!isTerminated) {
      let isAnswered = false;
      const changing = app
        .send({ method: "PATCH", path: "/api/v1/register", user: ada.user, body: { rotateAuth: true } })
        .finally(() => {
          isAnswered = true;
        });
      // On a busy computer it may be answered before anybody has seen it wait. Then another one is sent.
      while (!isAnswered && !isTerminated) {
        const ended = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where wait_event_type = 'Lock' and query like '%users%'`;
        isTerminated = ended.length > 0;
        await setTimeout(20);
      }
      assert.equal((await changing).status, 503);
    }
  });
  await publishAtLast(app, ada, ada, "after");
});
