/**
 * What the store does while PostgreSQL crashes, stops or stands still, and afterwards: everybody who asks gets an error
 * that says what happened, soon, and nothing that was acknowledged is lost.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import {
  addUser,
  noDatabase,
  openAt,
  openServers,
  readBox,
  send,
  type TestStore,
  theDatabase,
} from "../../../../testing/open-test-database.ts";
import type { User } from "../../contract.ts";
import { DatabaseAwayError, UnknownOutcomeError } from "../../store-errors.ts";
import { Database } from "./database.ts";

const skip = noDatabase;
/** A client of ours waits for ten seconds. */
const PATIENCE_MILLISECONDS = 9500;

function saysAway(error: unknown): true {
  assert.ok(error instanceof DatabaseAwayError || error instanceof UnknownOutcomeError, String(error));
  return true;
}

/** Waits until the condition holds. */
async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await condition()); await setTimeout(20)) {
    assert.ok(Date.now() < deadline, what);
  }
}

/** Publishes until it is told to stop, whatever happens. @returns the texts that were acknowledged. */
async function publishAll(store: TestStore, user: User, name: string, isOver: () => boolean): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let i = 0; !isOver(); i++) {
    const text = `${name}-${i}`;
    try {
      const published = await send(store, user, user, text);
      assert.equal(typeof published, "object");
      acknowledged.push(text);
    } catch (error) {
      saysAway(error);
      await setTimeout(20);
    }
  }
  return acknowledged;
}

for (const signal of ["SIGQUIT", "SIGINT"] as const) {
  test(`PostgreSQL ends by ${signal} and starts again while servers publish: all that was acknowledged is there, and told once`, {
    skip,
  }, async (t) => {
    const database = await theDatabase();
    const servers = await openServers(t, 2);
    const [a] = servers as [TestStore];
    const ada = await addUser(a, "ada");
    let isOver = false;
    const publishing = servers.flatMap((server, s) =>
      Array.from({ length: 4 }, (_, i) => publishAll(server, ada, `${s}-${i}`, () => isOver)),
    );
    await until(() => a.events.length > 20, "they publish");
    await database.stop(signal);
    await setTimeout(300);
    await database.start();
    const before = servers.map(({ events }) => events.length);
    await until(() => servers.every(({ events }, i) => events.length > (before[i] ?? 0) + 50), "they publish again");
    isOver = true;
    const acknowledged = (await Promise.all(publishing)).flat();
    const there = (await readBox(a, ada)).map(({ message }) => message);
    assert.deepEqual(
      acknowledged.filter((text) => !there.includes(text)),
      [],
    );
    assert.equal(new Set(there).size, there.length);
    const { eventId } = await a.messages.last();
    await until(() => servers.every(({ messages }) => messages.toldUpTo === eventId), "all is told");
    for (const { events } of servers) {
      const told = events.map(({ json }) => JSON.parse(json).message);
      assert.deepEqual(told, there, "each message is told once and in order");
    }
  });
}

test("while PostgreSQL stands still, everybody gets an error in time, and afterwards an answer", {
  skip,
}, async (t) => {
  const database = await theDatabase();
  const [a] = (await openServers(t, 1)) as [TestStore];
  const ada = await addUser(a, "ada");
  await send(a, ada, ada, "before");
  database.freeze("SIGSTOP");
  try {
    const began = performance.now();
    const errors: unknown[] = [];
    const ask = (asked: Promise<unknown>) =>
      asked.then(
        () => assert.fail("nobody can have answered"),
        (error) => errors.push(error),
      );
    const first = [
      ...Array.from({ length: 40 }, (_, i) => send(a, ada, ada, `meanwhile-${i}`)),
      ...Array.from({ length: 40 }, () => a.users.openTokenFile(ada.userId)),
      a.users.oneAtATime(ada.userId, () => a.users.change(ada.userId, "ada", ada.authToken.text)),
      readBox(a, ada),
      a.messages.edit(1, "edited"),
      a.messages.last(),
    ].map((each) => ask(each as Promise<unknown>));
    await setTimeout(3000);
    // Those who come later wait behind them.
    const later = [send(a, ada, ada, "meanwhile, later"), a.users.openTokenFile(ada.userId) as Promise<unknown>];
    const lastOfFirst = Promise.all(first).then(() => performance.now() - began);
    const lastOfLater = Promise.all(later.map(ask)).then(() => performance.now() - began - 3000);
    assert.ok((await lastOfFirst) < PATIENCE_MILLISECONDS, `${await lastOfFirst} ms`);
    assert.ok((await lastOfLater) < PATIENCE_MILLISECONDS, `${await lastOfLater} ms`);
    for (const error of errors) saysAway(error);
  } finally {
    database.freeze("SIGCONT");
  }
  await until(async () => {
    try {
      await send(a, ada, ada, "after");
      return true;
    } catch (error) {
      return !saysAway(error);
    }
  }, "it answers again");
  assert.equal((await readBox(a, ada)).filter(({ message }) => message === "after").length, 1);
});

test("a user whose change loses its connection in the middle stays as before, whatever the change still does", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const a = await openAt(t, address);
  const sql = postgres(address, { max: 1 });
  t.after(() => sql.end());
  const ada = await addUser(a, "ada");
  const change = a.users.oneAtATime(ada.userId, async () => {
    await a.users.createHandleFile(a.users.hashHandle("lovelace"), ada.userId);
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname = current_database() and state = 'idle in transaction'`;
    await setTimeout(100);
    await a.users.change(ada.userId, "lovelace", ada.authToken.text).catch(saysAway);
    await a.users.removeHandleFile(a.users.hashHandle("ada"));
  });
  await assert.rejects(change, saysAway);
  await setTimeout(200);
  const user = await a.users.openTokenFile(ada.userId);
  assert.ok(typeof user === "object");
  assert.equal(user.userHandle, "ada");
  assert.deepEqual(await a.users.openHandleFile(a.users.hashHandle("ada")), { userId: ada.userId });
  assert.equal(await a.users.openHandleFile(a.users.hashHandle("lovelace")), "not found");
  await a.users.oneAtATime(ada.userId, () => a.users.change(ada.userId, "byron", ada.authToken.text));
});

test("when all connections have ended, the next question opens new ones", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const [a, b] = [await openAt(t, address), await openAt(t, address)];
  const sql = postgres(address, { max: 1 });
  t.after(() => sql.end());
  const ada = await addUser(a, "ada");
  for (let round = 1; round <= 3; round++) {
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname = current_database()`;
    // A question that is asked before the server has noticed it fails, and with the same key it may be asked again.
    const key = `round-${round}`;
    for (let isSent = false; !isSent; await setTimeout(20)) {
      isSent = await send(a, ada, ada, `message ${round}`, key).then(
        () => true,
        (error) => !saysAway(error),
      );
    }
    await until(() => b.events.length === round, "the other server hears of it");
  }
  assert.deepEqual(
    // PostgreSQL does not wait for the disk here, and every server says so when it starts.
    b.reports.filter((report) => report.startsWith("error") && !report.includes("--not-durable")),
    [],
  );
});

test("a server that stops in the middle of a transaction holds its locks for seconds only", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const [a] = [await openAt(t, address)];
  const ada = await addUser(a, "ada");
  const database = new Database(address, { mustBeDurable: false });
  await database.begin();
  t.after(() => database.close());
  const stuck = database.transaction(1, async () => {
    await database.ask((sql) => sql`select seq from head for update`);
    await new Promise(() => {});
  });
  stuck.catch(() => {});
  await setTimeout(200);
  await send(a, ada, ada, "in the meantime").catch(saysAway);
  await send(a, ada, ada, "afterwards");
  await assert.rejects(stuck, saysAway);
});
