import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import postgres from "postgres";
import { databasePrograms, startDatabase, type TestDatabase } from "../testing/database.ts";
import { addUser, noDatabase, openAt } from "../testing/open-test-database.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { examineDatabase } from "./examine-database.ts";

const nothing = () => {};

describe("the doctor for a database", { skip: noDatabase }, () => {
  let database: TestDatabase;
  const endings: (() => unknown)[] = [];
  before(async () => {
    database = await startDatabase({ after: (work) => endings.push(work) }, { isDurable: true });
  });
  after(async () => {
    for (const end of endings.reverse()) await end();
  });

  /** What the doctor says, as in the terminal. */
  async function said(address: string): Promise<string[]> {
    const findings = await examineDatabase(address);
    for (const { verdict, advice, what } of findings) {
      if (verdict !== "good" && !/There is no replica/.test(what)) assert.ok(advice, `${what}: and what to do?`);
    }
    return findings.map(({ verdict, what }) => `${verdict}: ${what}`);
  }

  async function withUsers(t: TestContext): Promise<{ address: string; sql: postgres.Sql }> {
    const address = await database.create();
    const store = await openAt(t, address);
    const [from, grace] = [await addUser(store, "ada"), await addUser(store, "grace")];
    for (let i = 0; i < 3; i++) {
      const { userId: toId, userHandle: toHandle } = grace;
      await store.messages.publish({ from, toId, toHandle, message: "hi", idempotencyKey: undefined });
    }
    await store.close();
    const sql = postgres(address, { max: 1, onnotice: nothing });
    t.after(() => sql.end());
    return { address, sql };
  }

  test("finds nothing wrong with a good one, and says what it has looked at", async (t) => {
    const { address } = await withUsers(t);
    const text = (await said(address)).join("\n");
    assert.match(
      text,
      /^good: PostgreSQL \d+\.\d+ \S* ?answers at postgres:\/\/plainchat@127\.0\.0\.1:\d+\/test_\d+ in [\d.]+ ms$/m,
    );
    assert.match(text, /^good: What is committed outlives a power cut/m);
    assert.match(text, /^good: The tables fit this version$/m);
    assert.match(text, /^good: The database takes \d+ MiB/m);
    assert.match(text, /^good: No server is using this database\. \d+ of its 100 connections are free$/m);
    assert.match(text, /^note: There is no replica: if the disk dies/m);
    assert.match(text, /^good: Notifications \(LISTEN\) come through$/m);
    assert.match(text, /^good: All rows fit: 2 in users, 3 in messages$/m);
    assert.doesNotMatch(text, /^bad/m);
  });

  test("says in a sentence why a database cannot be used", async () => {
    assert.deepEqual(await said("postgres://plainchat:secret@127.0.0.1:1/chat"), [
      "bad: The database postgres://plainchat@127.0.0.1:1/chat cannot be used: nothing answers at this address",
    ]);
    assert.match(
      (await said(`postgres://plainchat@127.0.0.1:${database.port}/nobody`)).join(),
      /no database of this name/,
    );
    const foreign = await database.create();
    const sql = postgres(foreign, { max: 1, onnotice: nothing });
    await sql`create table users (id integer)`;
    assert.ok(
      (await said(foreign)).includes("bad: It does not fit: the database has tables of another program (users)"),
    );
    await sql.unsafe(`alter database ${new URL(foreign).pathname.slice(1)} set default_transaction_read_only = on`);
    await sql.end();
    assert.match(
      (await said(foreign)).join("\n"),
      /^bad: The database takes no changes: default_transaction_read_only/m,
    );
    const empty = await said(await database.create());
    assert.ok(empty.includes("good: There is no data yet; the first start creates the tables"), empty.join("\n"));
  });

  test("finds settings that lose what was acknowledged", async (t) => {
    const { address, sql } = await withUsers(t);
    const name = new URL(address).pathname.slice(1);
    // What follows must not wait for a replica that is not there.
    await sql`set synchronous_commit = local`;
    await sql.unsafe(`alter database ${name} set synchronous_commit = off`);
    assert.match((await said(address)).join("\n"), /^bad: synchronous_commit is off in the database, so a power cut/m);
    await sql`alter system set full_page_writes = off`;
    await sql`alter system set synchronous_standby_names = 'other'`;
    await sql`select pg_reload_conf()`;
    t.after(async () => {
      const admin = postgres(address, { max: 1, connection: { synchronous_commit: "local" } });
      await admin`alter system reset all`;
      await admin`select pg_reload_conf()`;
      await admin.end();
    });
    await sql.unsafe(`alter database ${name} set synchronous_commit = local`);
    assert.match(
      (await said(address)).join("\n"),
      /^bad: synchronous_commit is local in the database, so no commit waits for the standby/m,
    );
    const hasReloaded = async () => (await sql`show full_page_writes`)[0]?.full_page_writes === "off";
    const deadline = Date.now() + 10_000;
    while (!(await hasReloaded())) assert.ok(Date.now() < deadline, "PostgreSQL reads its settings again");
    assert.match((await said(address)).join("\n"), /^bad: full_page_writes is off/m);
    await sql.unsafe(`alter database ${name} set synchronous_commit = on`);
    assert.match(
      (await said(address)).join("\n"),
      /^bad: No synchronous replica is connected, and every message waits/m,
    );
  });

  test("says which replicas there are, and whether a message waits for one", async (t) => {
    const { address, sql } = await withUsers(t);
    const where = `host=127.0.0.1 port=${database.port} user=plainchat application_name=standby`;
    const program = join(databasePrograms() ?? "", "pg_receivewal");
    // It keeps what is written, as a standby does.
    const replica = spawn(program, ["-D", await temporaryFolder(t), "--synchronous", "-d", where], { stdio: "ignore" });
    const ended = once(replica, "exit");
    t.after(async () => {
      replica.kill("SIGKILL");
      await ended;
    });
    const deadline = Date.now() + 10_000;
    const until = async (state: string) => {
      const ask = () => sql`select from pg_stat_replication where state = 'streaming' and sync_state = ${state}`;
      while ((await ask()).length === 0) assert.ok(Date.now() < deadline, "pg_receivewal connects");
    };
    await until("async");
    const async = (await said(address)).join("\n");
    assert.match(async, /^good: The replica standby \(async, streaming\) is \d+\.\d MiB behind$/m);
    assert.match(async, /^note: No replica is synchronous: if this computer dies, the last messages are lost/m);
    await sql`set synchronous_commit = local`;
    await sql`alter system set synchronous_standby_names = 'standby'`;
    await sql`select pg_reload_conf()`;
    t.after(async () => {
      const admin = postgres(address, { max: 1, connection: { synchronous_commit: "local" } });
      await admin`alter system reset all`;
      await admin`select pg_reload_conf()`;
      await admin.end();
    });
    await until("sync");
    const [first, ...others] = (await said(address)).filter((each) => /replica/.test(each));
    assert.match(first ?? "", /^good: The replica standby \(sync, streaming\) is \d+\.\d MiB behind$/);
    assert.deepEqual(others, []);
  });

  test("notices that no notifications come through a pooler", async (t) => {
    const { address } = await withUsers(t);
    const port = await swallowNotifications(t, database.port);
    const text = (await said(address.replace(/:\d+/, `:${port}`))).join("\n");
    assert.match(text, /^note: No notifications \(LISTEN\) come through this address, probably because of a pooler/m);
    assert.match(text, /^good: All rows fit/m);
  });

  test("finds each kind of rows that fit nothing", async (t) => {
    const { address, sql } = await withUsers(t);
    for (const [harm, finding, repair] of [
      [
        "insert into handles values (repeat('a', 64), 77)",
        "note: There is 1 row in the table handles without a user, such as of user 77",
        "delete from handles where user_id = 77",
      ],
      [
        "insert into users values (78, 'a-token', 'lost', now() - interval '2 hours'), (79, 'a-token', 'new', now()); select setval('user_ids', 79)",
        "note: There is 1 row in the table users without a handle, such as user 78",
        "delete from users where user_id > 70",
      ],
      [
        "update users set handle = 'other' where user_id = 2",
        "note: There is 1 row in the table handles whose user has another handle, such as user 2",
        "update users set handle = 'grace' where user_id = 2",
      ],
      [
        "update messages set to_id = 99 where message_id > 1",
        "bad: There are 2 rows in the table messages to nobody, such as message 2",
        "update messages set to_id = 2",
      ],
      [
        "update head set message_id = 2",
        "bad: There is 1 row in the table messages beyond the numbers in head, such as message 3",
        "update head set message_id = 3",
      ],
      [
        "update head set seq = 2; update messages set seq = 1",
        "bad: There is 1 row in the table events beyond the number in head, such as event 3",
        "update head set seq = 3; update messages set seq = message_id",
      ],
      [
        "update events set last_message_id = 3 where seq = 1",
        "bad: There is 1 row in the table events out of order, such as event 2",
        "update events set last_message_id = 1 where seq = 1",
      ],
      [
        "select setval('user_ids', 1)",
        "bad: There is 1 row in the table users with an id that was not given out, such as user 2",
        "select setval('user_ids', 79)",
      ],
      [
        "delete from secret",
        "bad: The class secret cannot be read: the table secret is empty. So nobody can register.",
        "insert into secret (text) values ('one-two-three-four')",
      ],
    ] as const) {
      await sql.unsafe(harm);
      const wrong = (await said(address)).filter((each) => !/^good|no replica/.test(each));
      assert.deepEqual(wrong, [finding]);
      await sql.unsafe(repair);
    }
    assert.ok((await said(address)).includes("good: All rows fit: 2 in users, 3 in messages"));
  });
});

/** The first byte of a message of PostgreSQL that is a notification. Four bytes with its length follow. */
const NOTIFICATION = 0x41;

/** Forwards to PostgreSQL, and leaves out notifications, as a pooler does. @returns its port. */
async function swallowNotifications(t: TestContext, to: number): Promise<number> {
  const server = createServer((client) => {
    const backend = connect(to, "127.0.0.1");
    for (const socket of [client, backend]) socket.on("error", () => {});
    client.pipe(backend);
    client.on("close", () => backend.destroy());
    let rest = Buffer.alloc(0);
    backend.on("data", (piece: Buffer) => {
      rest = Buffer.concat([rest, piece]);
      while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
        const length = 1 + rest.readUInt32BE(1);
        if (rest[0] !== NOTIFICATION) client.write(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
