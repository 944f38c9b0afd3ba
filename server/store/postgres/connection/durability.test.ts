/**
 * A database whose settings could lose what was answered with 200 is refused: at the start, while the server runs, and
 * when it is the next primary. Only --not-durable allows it.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { atEnd } from "../../../../testing/at-end.ts";
import { startDatabase } from "../../../../testing/database.ts";
import { addUser, noDatabase, openAt, send, theDatabase } from "../../../../testing/open-test-database.ts";
import { DatabaseAwayError, UnknownOutcomeError } from "../../store-errors.ts";
import { Database } from "./database.ts";
import { type DurabilityRow, risksOf } from "./durability.ts";

const skip = noDatabase;
const durable = skip === false ? await startDatabase({ after: (work) => after(work) }, { isDurable: true }) : undefined;
const LONGEST_MILLISECONDS = 15_000;

/** An empty database on a PostgreSQL that waits for its disk, and somebody who may change its settings. */
async function newDatabase(t: TestContext) {
  const address = (await durable?.create()) ?? "";
  // What the operator does must not wait for a standby that is not there.
  const operator = postgres(address, { max: 1, onnotice: () => {}, connection: { synchronous_commit: "local" } });
  const set = async (settings: Record<string, string>) => {
    for (const [name, value] of Object.entries(settings)) {
      await operator.unsafe(`alter system set ${name} = '${value}'`);
    }
    await operator`select pg_reload_conf()`;
    for (const [name, value] of Object.entries(settings)) {
      const isSet = async () => (await operator`select reset_val from pg_settings where name = ${name}`)[0]?.reset_val;
      if (name !== "synchronous_commit") await until(async () => (await isSet()) === value, `${name} is ${value}`);
    }
  };
  const reset = async () => {
    await operator`alter system reset all`;
    await operator`select pg_reload_conf()`;
  };
  atEnd(t, async () => {
    await reset();
    await operator.end();
  });
  return { address, operator, set, reset, name: new URL(address).pathname.slice(1) };
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + LONGEST_MILLISECONDS; !(await isSo()); await setTimeout(20)) {
    assert.ok(Date.now() < deadline, what);
  }
}

test("which settings may lose what was acknowledged", () => {
  const good: DurabilityRow = { commit_level: "on", has_standbys: true, fsync: "on", page_writes: "on" };
  const settingsAtRisk = (row: Partial<DurabilityRow>) => risksOf({ ...good, ...row }).map(({ setting }) => setting);
  for (const has_standbys of [true, false]) {
    for (const commit_level of ["on", "remote_apply"]) {
      assert.deepEqual(settingsAtRisk({ commit_level, has_standbys }), []);
    }
    assert.deepEqual(settingsAtRisk({ commit_level: "off", has_standbys }), ["synchronous_commit"]);
  }
  for (const commit_level of ["local", "remote_write"]) {
    assert.deepEqual(settingsAtRisk({ commit_level, has_standbys: false }), []);
    assert.deepEqual(settingsAtRisk({ commit_level, has_standbys: true }), ["synchronous_commit"]);
  }
  assert.deepEqual(settingsAtRisk({ fsync: "off", page_writes: "off", commit_level: "off" }), [
    "fsync",
    "full_page_writes",
    "synchronous_commit",
  ]);
});

for (const [settings, sentence] of [
  [
    { synchronous_commit: "off" },
    /synchronous_commit is off in the database, so a power cut can lose what was answered/,
  ],
  [
    { fsync: "off" },
    /fsync is off in the database, so a power cut can damage all of it\. To change that, type in psql: alter system set fsync = on; select pg_reload_conf\(\)\. Or start with --not-durable/,
  ],
  [{ full_page_writes: "off" }, /full_page_writes is off in the database, so a power cut can damage rows/],
  [
    { synchronous_commit: "local", synchronous_standby_names: "nobody" },
    /synchronous_commit is local in the database, so no commit waits for the standby, and/,
  ],
] as [Record<string, string>, RegExp][]) {
  test(`a database with ${JSON.stringify(settings)} is refused, with what to type`, { skip }, async (t) => {
    const { address, set } = await newDatabase(t);
    await set(settings);
    await assert.rejects(openAt(t, address, { mustBeDurable: true }), sentence);
  });
}

test("what to type depends on where somebody has set it, and --not-durable allows it and says so", {
  skip,
}, async (t) => {
  const { address, operator, name } = await newDatabase(t);
  await operator.unsafe(`alter database ${name} set synchronous_commit = off`);
  const typed = new RegExp(`type in psql: alter database ${name} reset synchronous_commit\\. Or`);
  await assert.rejects(openAt(t, address, { mustBeDurable: true }), typed);
  const store = await openAt(t, address, { mustBeDurable: false });
  assert.match(
    store.reports.join("\n"),
    /^error: synchronous_commit is off .* answered with 200\. --not-durable allows it$/m,
  );
  assert.equal((await store.figures()).mayLose, true);
});

test("a server notices within a second or two that the settings have changed, answers nobody, and comes back", {
  skip,
}, async (t) => {
  const { address, set, reset } = await newDatabase(t);
  const store = await openAt(t, address, { mustBeDurable: true });
  assert.equal((await store.figures()).mayLose, false);
  const ada = await addUser(store, "ada");
  const isAway = async () => {
    try {
      await send(store, ada, ada, "hi");
      return false;
    } catch (error) {
      assert.ok(error instanceof DatabaseAwayError || error instanceof UnknownOutcomeError, String(error));
      return true;
    }
  };
  for (const setting of ["fsync", "full_page_writes", "synchronous_commit"]) {
    await set({ [setting]: "off" });
    await until(isAway, `${setting} is off, and the server goes on`);
    const isSaid = () => store.reports.some((each) => new RegExp(`^error: .* is lost: ${setting} is off`).test(each));
    await until(isSaid, `the log says that ${setting} is off`);
    await reset();
    await until(async () => !(await isAway()), "the server comes back");
  }
});

test("until it notices, each commit still waits for the disk", { skip }, async (t) => {
  const { address, set } = await newDatabase(t);
  const database = new Database(address);
  await database.begin();
  atEnd(t, () => database.close());
  const levels = new Set<string>();
  const ask = async () => {
    const [row] = await database.ask<{ level: string }[]>(
      (sql) => sql`select current_setting('synchronous_commit') as level`,
    );
    levels.add(row?.level ?? "");
  };
  await ask();
  await set({ synchronous_commit: "off" });
  await until(async () => {
    try {
      await ask();
      return false;
    } catch (error) {
      return error instanceof DatabaseAwayError;
    }
  }, "it notices");
  assert.deepEqual([...levels], ["on"]);
});

test("if the next primary has other settings, it is refused as well", { skip }, async (t) => {
  const { address, name } = await newDatabase(t);
  // This one does not wait for its disk.
  const next = await theDatabase();
  const operator = postgres(`postgres://plainchat@127.0.0.1:${next.port}/postgres`, { max: 1, onnotice: () => {} });
  await operator.unsafe(`create database ${name}`);
  await operator.end();
  const hosts = [new URL(address).host, `127.0.0.1:${next.port}`];
  const store = await openAt(t, `postgres://plainchat@${hosts}/${name}`, { mustBeDurable: true });
  await durable?.stop("SIGINT");
  try {
    const isSaid = () => store.reports.some((each) => each.includes(`${hosts[1]}: fsync is off in the database`));
    await until(isSaid, store.reports.join("\n"));
    await assert.rejects(async () => store.users.list(0, 1), DatabaseAwayError);
  } finally {
    await durable?.start();
  }
  // For the second time: it was said at the start.
  const isBack = () => store.reports.filter((each) => each === `info: The database is ${hosts[0]}`).length === 2;
  await until(isBack, store.reports.join("\n"));
});
