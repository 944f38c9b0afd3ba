import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { Random } from "../../../prove/hostile/requests/random.ts";
import { noDatabase, openAt, theDatabase } from "../../../testing/open-test-database.ts";
import { addUser, openTestStore, publish } from "../../../testing/open-test-store.ts";
import { changeAtRandom, viewOf } from "../../../testing/random-chat.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Paths } from "../files/paths.ts";
import { moveToDatabase } from "./move-to-database.ts";
import { moveToFolder } from "./move-to-folder.ts";

const nothing = () => {};

/** Lines of the journal that are older than a line before them. An edit is where its message is. */
async function outOfOrder(root: string): Promise<string[]> {
  const lines = (await readFile(new Paths(root).journalFile(1), "utf8")).trim().split("\n");
  let last = 0;
  return lines.slice(1).filter((line) => {
    const { op, seq, postSeq } = JSON.parse(line);
    const number = op === "edit" ? postSeq : seq;
    const isOlder = number < last;
    last = number;
    return isOlder;
  });
}
const create = async () => (await theDatabase()).create();

describe("a move between a folder and a database", { skip: noDatabase }, () => {
  for (const seed of [1, 4]) {
    test(`keeps everything, there and back (seed ${seed})`, async (t) => {
      const random = new Random(seed);
      const [root, address, back] = [await temporaryFolder(t), await create(), await temporaryFolder(t)];
      const busy = await openTestStore(t, root, { maxFileBytes: 8 * 1024 });
      const known = await changeAtRandom(busy, random, 300);
      await busy.close();
      // A start may write a line of its own.
      const first = await openTestStore(t, root);
      const view = await viewOf(first, known);
      assert.ok(view.events.flat().length > 100 && view.boxes.length > 5, "there is something to move");
      await first.close();

      await moveToDatabase(root, address, nothing, nothing);
      const second = await openAt(t, address);
      assert.deepEqual(await viewOf(second, known), view);
      const more = await changeAtRandom(second, random, 150, known);
      const laterView = await viewOf(second, more);
      await second.close();

      await moveToFolder(address, back, nothing);
      assert.deepEqual(await outOfOrder(back), [], "somebody who reads the journal sees one event after the other");
      const third = await openTestStore(t, back);
      assert.deepEqual(third.reports, [], "the start has nothing to repair");
      assert.deepEqual(await viewOf(third, more), laterView);
      // Numbers go on: no id comes twice.
      const last = third.messages.last();
      const later = await viewOf(third, await changeAtRandom(third, random, 50, more));
      assert.ok(later.last.eventId > last.eventId && later.last.messageId > last.messageId);
    });
  }

  /** A folder with two users and one message. */
  async function smallFolder(t: TestContext): Promise<string> {
    const root = await temporaryFolder(t);
    const store = await openTestStore(t, root);
    await publish(store, await addUser(store, "ada"), await addUser(store, "grace"), "hi");
    await store.close();
    return root;
  }

  /** A database with tables that a server has left empty. */
  async function withEmptyTables(t: TestContext): Promise<{ address: string; sql: postgres.Sql }> {
    const address = await create();
    await (await openAt(t, address)).close();
    const sql = postgres(address, { max: 2, onnotice: nothing });
    t.after(() => sql.end({ timeout: 1 }));
    return { address, sql };
  }

  test("notices when something else is read back than was written, and moves nothing", async (t) => {
    const root = await smallFolder(t);
    for (const [table, change] of [
      ["messages", "new.message := new.message || ' '"],
      ["users", "new.auth_token := new.auth_token || 'x'"],
      ["handles", "new.user_id := 1"],
      ["events", "new.to_id := new.to_id + 1"],
      ["head", "new.seq := new.seq + 1"],
    ]) {
      const { address, sql } = await withEmptyTables(t);
      await sql.unsafe(`create function change() returns trigger language plpgsql as $$
        begin ${change}; return new; end $$`);
      await sql.unsafe(
        `create trigger change before insert or update on ${table} for each row execute function change()`,
      );
      await assert.rejects(
        moveToDatabase(root, address, nothing, nothing),
        /is not the same when it is read back\. Nothing was moved/,
        table,
      );
      assert.deepEqual([...(await sql`select from users`)], []);
    }
  });

  test("of two moves into one database at the same time, one is refused", async (t) => {
    const [one, other, address] = [await smallFolder(t), await smallFolder(t), await create()];
    const moves = [one, other].map((root) => moveToDatabase(root, address, nothing, nothing));
    const results = await Promise.allSettled(moves);
    const refused = results.filter((result) => result.status === "rejected").map(({ reason }) => String(reason));
    assert.equal(refused.length, 1);
    assert.match(refused[0] ?? "", /There is already data in this database\. Create an empty one/);
  });

  test("lets a server that starts at the same time wait until everything is there", async (t) => {
    const root = await smallFolder(t);
    const { address, sql } = await withEmptyTables(t);
    const [locked, enough] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = sql.begin(async (holder) => {
      await holder`lock table messages in share mode`;
      locked.resolve();
      await enough.promise;
    });
    await locked.promise;
    const waiting = async (count: number) => {
      const ask = () => sql`
        select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      while ((await ask()).length < count) await setTimeout(20);
    };
    const moving = moveToDatabase(root, address, nothing, nothing);
    await waiting(1);
    const starting = openAt(t, address);
    await waiting(2);
    enough.resolve();
    await holding;
    await moving;
    assert.deepEqual(await (await starting).users.list(0, 10), [
      { userId: 1, userHandle: "ada" },
      { userId: 2, userHandle: "grace" },
    ]);
  });
});
