/**
 * The data of a server move from a folder to a database and back, with the program for the terminal: what it says, what
 * it refuses, and what is there if it is killed in the middle.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { EXIT } from "../cli/cli-error.ts";
import { type Machine, machine } from "../testing/machine.ts";
import { noDatabase, openAt, theDatabase } from "../testing/open-test-database.ts";
import { addUser, openTestStore, publish } from "../testing/open-test-store.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const MAIN = join(import.meta.dirname, "..", "cli/main.ts");
const nothing = () => {};
const create = async () => (await theDatabase()).create();

describe("plainchat move --from and --to", { skip: noDatabase }, () => {
  /** A folder with two users and some messages, and an empty database. */
  async function setting(t: TestContext): Promise<{ root: string; address: string; here: Machine }> {
    const root = join(await temporaryFolder(t), "data");
    const store = await openTestStore(t, root);
    const [ada, grace] = [await addUser(store, "ada"), await addUser(store, "grace")];
    for (let i = 0; i < 5; i++) await publish(store, ada, grace, `message ${i}`);
    await store.close();
    return { root, address: await create(), here: await machine(t, "http://127.0.0.1:1") };
  }

  test("moves to the database and back, and says what to do next", async (t) => {
    const { root, address, here } = await setting(t);
    const there = await here.run(["move", "--from", root, "--to", address]);
    assert.equal(there.exitCode, 0, there.error);
    assert.match(there.out, /now has 2 users and 5 messages, all of them checked\. Start the server with --store/);
    const back = join(await temporaryFolder(t), "new");
    const moved = await here.json("move", "--from", address, "--to", back);
    assert.deepEqual(moved, { from: address, to: back, users: 2, messages: 5 });
    const doctor = (await here.json("doctor", "--root", back)) as { findings: { verdict: string; what: string }[] };
    assert.deepEqual(
      doctor.findings.filter(({ verdict }) => verdict === "bad"),
      [],
    );
    const store = await openTestStore(t, back);
    assert.deepEqual([store.reports, store.troubles()], [[], { filesAside: 0, problems: [] }]);
  });

  test("says before it begins what does not move", async (t) => {
    const { root, address, here } = await setting(t);
    for (const folder of ["archive/2030-01-02T12-00-00Z", "users/aside", "before-restore-2030/users"]) {
      await mkdir(join(root, folder), { recursive: true });
      await writeFile(join(root, folder, "1.dat"), "");
    }
    const left = `This does not move, and stays in ${root}: archive (the classes that were put away), users/aside (damaged files), before-restore-2030 (the data from before a restore).`;
    // Also if the move is refused after that.
    const refused = await here.run(["move", "--from", root, "--to", "postgres://127.0.0.1:1/chat"]);
    assert.match(refused.error, /^This does not move, .*\n.*nothing answers/);
    assert.equal(refused.error.split("\n")[0], left);
    const moved = (await here.json("move", "--from", root, "--to", address)) as { left: string };
    assert.equal(moved.left, left);
    assert.ok(existsSync(join(root, "users/aside/1.dat")), "and it is still there");

    const sql = postgres(address, { max: 1, onnotice: nothing });
    t.after(() => sql.end({ timeout: 1 }));
    await sql`create schema before_restore_2030`;
    await sql`create table before_restore_2030.users (user_id bigint)`;
    await sql`create table before_restore_2030.handles (user_id bigint)`;
    const back = await here.run(["move", "--from", address, "--to", join(root, "..", "back")]);
    assert.equal(
      back.error.split("\n")[0],
      "This does not move, and stays in the database: the tables in other schemas (before_restore_2030).",
    );
  });

  test("says which files of the class are damaged, and moves the rest", async (t) => {
    const { root, address, here } = await setting(t);
    await mkdir(join(root, "class"));
    await writeFile(join(root, "class", "teacher.dat"), "1");
    await writeFile(join(root, "class", "lesson.dat"), "the fourth");
    const { exitCode, error } = await here.run(["move", "--from", root, "--to", address]);
    assert.equal(exitCode, 0, error);
    assert.match(
      error,
      /^class\/lesson\.dat was damaged\. The server has moved it to class\/aside, and does not know/m,
    );
    const sql = postgres(address, { max: 1 });
    t.after(() => sql.end({ timeout: 1 }));
    const [row] = await sql`select teacher_id::integer, lesson from class`;
    assert.deepEqual({ ...row }, { teacher_id: 1, lesson: null });
  });

  test("refuses what would lose or mix data, with a sentence", async (t) => {
    const { root, address, here } = await setting(t);
    const refused = async (sentence: RegExp, ...command: string[]) => {
      const { exitCode, error } = await here.run(command);
      assert.equal(exitCode, EXIT.folder, error);
      assert.match(error, sentence);
    };
    const to = (store: string) => ["move", "--from", root, "--to", store];
    const used = await openTestStore(t, root);
    await refused(/A server is using .*data\. Stop it first\n$/, ...to(address));
    await used.close();

    const server = await openAt(t, address);
    await refused(/A server is using this database\. Stop all servers on it first\n$/, ...to(address));
    await server.close();
    const { out, error } = await here.run(to(address));
    assert.match(out, /2 users and 5 messages/, error);
    await refused(/There is already data in this database\. Create an empty one/, ...to(address));

    await refused(/data is not empty\. Choose a new folder\n$/, "move", "--from", address, "--to", root);
    const again = await openAt(t, address);
    const fresh = join(root, "..", "fresh");
    await refused(/A server is using this database/, "move", "--from", address, "--to", fresh);
    await again.close();
    const sql = postgres(address, { max: 1 });
    t.after(() => sql.end({ timeout: 1 }));
    await sql`insert into migrations (number) values (9000)`;
    await refused(/was changed by a newer plainchat \(migration 9000/, "move", "--from", address, "--to", fresh);
    await refused(/was changed by a newer plainchat \(migration 9000/, ...to(address));
    assert.equal(existsSync(fresh), false, "nothing is left of it");

    const empty = await create();
    await refused(/There is no data of plainchat in this database\n$/, "move", "--from", empty, "--to", fresh);
    const foreign = await create();
    const other = postgres(foreign, { max: 1 });
    await other`create table migrations (id integer, name text)`;
    await other.end();
    await refused(/has tables of another program \(migrations\)\. Create a database for plainchat/, ...to(foreign));
    const nowhere = join(root, "nowhere");
    await refused(/There is no plainchat data folder at .*nowhere/, "move", "--from", nowhere, "--to", empty);
    await refused(/cannot be used: nothing answers at this address/, ...to("postgres://127.0.0.1:1/chat"));
    await refused(/no database of this name\. Create it: createdb --owner/, ...to(`${empty}_not`));
  });

  test("tells moving data from following a server", async (t) => {
    const here = await machine(t, "http://127.0.0.1:1");
    for (const [command, sentence] of [
      [["move"], /Where is the server now\? \.\/plainchat move ADDRESS\n$/],
      [["move", "--from", "data"], /use both --from and --to, and no address\. To follow a server, give only its/],
      [["move", "127.0.0.1", "--from", "data", "--to", "postgres://host/chat"], /both --from and --to, and no address/],
      [["move", "--from", "data", "--to", "other"], /One of --from and --to must be a database/],
      [["move", "--from", "postgres://a/b", "--to", "postgres://a/c"], /use pg_dump and psql, or backup and restore/],
    ] as const) {
      const { exitCode, error } = await here.run([...command]);
      assert.equal(exitCode, EXIT.usage);
      assert.match(error, sentence);
    }
  });

  /** Starts the program. @returns what kills it, as a power cut would. */
  function start(t: TestContext, here: Machine, ...command: string[]): () => Promise<void> {
    const options = { env: { ...process.env, ...here.environment }, stdio: "ignore" as const };
    const child = spawn(process.execPath, [MAIN, ...command], options);
    const exited = once(child, "exit");
    const kill = async () => {
      child.kill("SIGKILL");
      await exited;
    };
    t.after(kill);
    return kill;
  }

  test("killed in the middle, a move to a database leaves both as they were", async (t) => {
    const { root, address, here } = await setting(t);
    // The tables are there, and somebody keeps the move from writing messages, when the users are written.
    await (await openAt(t, address)).close();
    const sql = postgres(address, { max: 2, onnotice: nothing });
    t.after(() => sql.end({ timeout: 1 }));
    const [locked, enough] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = sql.begin(async (holder) => {
      await holder`lock table messages in share mode`;
      locked.resolve();
      await enough.promise;
    });
    await locked.promise;
    const kill = start(t, here, "move", "--from", root, "--to", address);
    const isWaiting = async () => {
      const waiting = await sql`
        select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      return waiting.length > 0;
    };
    while (!(await isWaiting())) await setTimeout(20);
    await kill();
    enough.resolve();
    await holding;
    assert.deepEqual([...(await sql`select user_id from users`)], []);
    const { exitCode, out, error } = await here.run(["move", "--from", root, "--to", address]);
    assert.equal(exitCode, 0, error);
    assert.match(out, /2 users and 5 messages/);
  });

  test("killed in the middle, a move to a folder is refused by a start, and done by the next move", async (t) => {
    const { root, address, here } = await setting(t);
    assert.equal((await here.run(["move", "--from", root, "--to", address])).exitCode, 0);
    const proxy = await stoppingProxy(t, (await theDatabase()).port, "from messages where message_id >");
    const back = join(root, "..", "back");
    const kill = start(t, here, "move", "--from", address.replace(/:\d+/, `:${proxy.port}`), "--to", back);
    await proxy.stopped;
    await kill();
    assert.ok((await readdir(join(back, "users"))).length > 2, "a part of it is there");
    await assert.rejects(
      openTestStore(t, back),
      /A move into .*back was interrupted, so a part of the data is missing/,
    );
    const backup = await here.run(["backup", "--root", back, join(root, "..", "backup.tar.gz")]);
    assert.match(backup.error, /A move into .*back was interrupted/);
    const doctor = await here.run(["doctor", "--root", back]);
    assert.match(doctor.out, /✗ A move into .*back was interrupted\n {2}Move it again, or remove the folder/);

    const { exitCode, error } = await here.run(["move", "--from", address, "--to", back]);
    assert.equal(exitCode, 0, error);
    const store = await openTestStore(t, back);
    assert.deepEqual([store.reports, store.figures().messages], [[], 5]);
  });
});

/** Forwards to PostgreSQL until a question has a text in it. Then nothing goes on. */
async function stoppingProxy(
  t: TestContext,
  to: number,
  text: string,
): Promise<{ port: number; stopped: Promise<void> }> {
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const server = createServer((client) => {
    const backend = connect(to, "127.0.0.1");
    for (const socket of [client, backend]) socket.on("error", () => {});
    client.on("close", () => backend.destroy());
    backend.pipe(client);
    client.on("data", (piece) => {
      if (piece.includes(text)) stop();
      else backend.write(piece);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, stopped };
}
