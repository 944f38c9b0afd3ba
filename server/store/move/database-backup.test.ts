import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import postgres from "postgres";
import { Random } from "../../../prove/hostile/requests/random.ts";
import { noDatabase, openAt, theDatabase } from "../../../testing/open-test-database.ts";
import { openTestStore } from "../../../testing/open-test-store.ts";
import { changeAtRandom, viewOf } from "../../../testing/random-chat.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { writeBackup } from "../backup/backup.ts";
import { stageRestore } from "../backup/restore.ts";
import type { Store } from "../store.ts";
import { backUpDatabase, restoreDatabase } from "./database-backup.ts";
import { moveToDatabase } from "./move-to-database.ts";
import { moveToFolder } from "./move-to-folder.ts";

const nothing = () => {};
const create = async () => (await theDatabase()).create();

describe("the backup of a database", { skip: noDatabase }, () => {
  /** What must be the same after a restore. Event numbers jump, so that streams begin again. */
  async function kept(store: Store, known: Parameters<typeof viewOf>[1]) {
    const { secret, list, owners, tokens, boxes, retries } = await viewOf(store, known);
    return { secret, list, owners, tokens, boxes, retries };
  }

  test("is of one moment, while a server goes on writing", async (t) => {
    const folder = await temporaryFolder(t);
    const address = await create();
    const store = await openAt(t, address);
    const known = await changeAtRandom(store, new Random(5), 60);
    let isOver = false;
    const working = (async () => {
      for (let seed = 0, chat = known; !isOver; seed++) chat = await changeAtRandom(store, new Random(seed), 10, chat);
    })();
    const files = [];
    for (let i = 0; i < 3; i++) {
      const file = join(folder, `${i}.tar.gz`);
      // It compares what it has written with what is in the database at that moment.
      await backUpDatabase(address, file, nothing);
      files.push(file);
    }
    isOver = true;
    await working;
    assert.deepEqual((await readdir(folder)).sort(), ["0.tar.gz", "1.tar.gz", "2.tar.gz"], "nothing else is left");
    for (const file of files) {
      const root = await temporaryFolder(t);
      await stageRestore(root, file, new Date(), nothing);
      const restored = await openTestStore(t, root);
      assert.deepEqual(restored.reports, ["info: A backup has replaced the data"]);
      await restored.close();
    }
  });

  test("can be restored into a folder, and that of a folder into a database", async (t) => {
    const [folder, root, address] = [await temporaryFolder(t), await temporaryFolder(t), await create()];
    const store = await openAt(t, address);
    const known = await changeAtRandom(store, new Random(6), 150);
    const last = await store.messages.last();
    // Nothing but the greatest numbers knows of these.
    await store.messages.remove(last.messageId);
    const lastUserId = await store.users.nextId();
    const before = await kept(store, known);
    await backUpDatabase(address, join(folder, "of-database.tar.gz"), nothing);
    await stageRestore(root, join(folder, "of-database.tar.gz"), new Date(), nothing);
    const restored = await openTestStore(t, root);
    assert.deepEqual(await kept(restored, known), before);
    assert.equal(restored.messages.last().messageId, last.messageId);
    assert.equal(await restored.users.nextId(), lastUserId + 1);
    await restored.close();

    await writeBackup(root, join(folder, "of-folder.tar.gz"), nothing);
    const other = await create();
    const { before: schema } = await restoreDatabase(other, join(folder, "of-folder.tar.gz"), new Date(), nothing);
    assert.equal(schema, undefined, "nothing was there before");
    const elsewhere = await openAt(t, other);
    assert.deepEqual(await kept(elsewhere, known), before);
    // A client has seen events after the backup, which are lost with the old database.
    const { eventId } = await store.messages.last();
    for (const later of [0, 1, 1000]) {
      const missed = { userId: 1, box: "both" as const, missedUpTo: eventId, limit: 10 };
      assert.equal(await elsewhere.messages.events({ ...missed, after: eventId + later }), "forgotten");
    }
  });

  test("an older one never brings an id back, and streams begin again", async (t) => {
    const [folder, address] = [await temporaryFolder(t), await create()];
    const file = join(folder, "backup.tar.gz");
    const random = new Random(7);
    const first = await openAt(t, address);
    const known = await changeAtRandom(first, random, 100);
    const before = await kept(first, known);
    await backUpDatabase(address, file, nothing);
    const later = await changeAtRandom(first, random, 100, known);
    const last = await first.messages.last();
    const lastUserId = await first.users.nextId();
    await assert.rejects(restoreDatabase(address, file, new Date(), nothing), /A server is using this database/);
    await first.close();

    const now = new Date("2030-01-02T12:00:00.000Z");
    const restored = await restoreDatabase(address, file, now, nothing);
    assert.equal(restored.before, "before_restore_2030_01_02t12_00_00_000z");
    const second = await openAt(t, address);
    assert.deepEqual(await kept(second, known), before);
    const missed = { userId: 1, box: "both" as const, after: last.eventId, missedUpTo: last.eventId, limit: 10 };
    assert.equal(await second.messages.events(missed), "forgotten");
    assert.equal(await second.messages.lastMessageAt(last.eventId), undefined);
    const { eventId, messageId } = await second.messages.last();
    assert.equal(messageId, last.messageId);
    assert.equal(await second.messages.lastMessageAt(eventId), messageId);
    // The numbers are known to nobody but the head now, and its backup knows them, too.
    await backUpDatabase(address, join(folder, "again.tar.gz"), nothing);
    const again = await temporaryFolder(t);
    await stageRestore(again, join(folder, "again.tar.gz"), new Date(), nothing);
    const fourth = await openTestStore(t, again);
    assert.equal(fourth.messages.last().messageId, messageId);
    assert.equal(await fourth.users.nextId(), lastUserId + 1);
    await fourth.close();
    assert.equal(await second.users.nextId(), lastUserId + 1);
    const after = await changeAtRandom(second, random, 50, known);
    const ids = after.messages.slice(known.messages.length);
    assert.ok(ids.length > 0 && ids.every((id) => id > last.messageId && !later.messages.includes(id)));
    // The messages of the backup are older than all events that streams resume from, and stay so wherever they move.
    const view = await viewOf(second, after);
    await second.close();
    const [root, other] = [await temporaryFolder(t), await create()];
    await moveToFolder(address, root, nothing);
    const third = await openTestStore(t, root);
    assert.deepEqual([third.reports, await viewOf(third, after)], [[], view]);
    await third.close();
    await moveToDatabase(root, other, nothing, nothing);
    assert.deepEqual(await viewOf(await openAt(t, other), after), view);

    const sql = postgres(address, { max: 1 });
    t.after(() => sql.end());
    const [old] = await sql.unsafe(`select message_id from ${restored.before}.head`);
    assert.equal(Number(old?.message_id), last.messageId, "the old data is still there");
  });

  test("a restore that fails leaves the database as it was", async (t) => {
    const [folder, address] = [await temporaryFolder(t), await create()];
    const store = await openAt(t, address);
    const known = await changeAtRandom(store, new Random(8), 60);
    await backUpDatabase(address, join(folder, "backup.tar.gz"), nothing);
    const view = await viewOf(store, known);
    await store.close();
    const sql = postgres(address, { max: 1, onnotice: nothing });
    t.after(() => sql.end());
    // The new tables are to be made in another schema, so this stays, and is in the way of the last step.
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'stopped here'; end $$`;
    await sql`create function watch() returns event_trigger language plpgsql as $$
      begin
        if to_regclass('public.events') is not null then
          execute 'create or replace trigger refuse before insert on public.events for each statement execute function refuse()';
          execute 'create or replace trigger refuse before update on public.head for each statement execute function refuse()';
        end if;
      end $$`;
    await sql`create event trigger watch on ddl_command_end when tag in ('CREATE TABLE') execute function watch()`;
    await assert.rejects(restoreDatabase(address, join(folder, "backup.tar.gz"), new Date(), nothing), /stopped here/);
    await sql`drop event trigger watch`;
    assert.deepEqual(await viewOf(await openAt(t, address), known), view);
    assert.equal(existsSync(join(folder, "backup.tar.gz")), true);
  });
});
