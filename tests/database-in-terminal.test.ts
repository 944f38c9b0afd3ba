/**
 * backup, restore, doctor and compact for a database, as somebody types them.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import postgres from "postgres";
import { EXIT } from "../cli/cli-error.ts";
import { type Machine, machine } from "../testing/machine.ts";
import { addUser, noDatabase, openAt, theDatabase } from "../testing/open-test-database.ts";
import { addUser as addUserOfFolder, openTestStore } from "../testing/open-test-store.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

describe("the terminal with a database", { skip: noDatabase }, () => {
  async function setting(t: TestContext): Promise<{ address: string; folder: string; here: Machine }> {
    const address = await (await theDatabase()).create();
    const store = await openAt(t, address);
    for (const handle of ["ada", "grace"]) await addUser(store, handle);
    await store.close();
    return { address, folder: await temporaryFolder(t), here: await machine(t, "http://127.0.0.1:1") };
  }

  test("backs up and restores, and asks before it replaces anything", async (t) => {
    const { address, folder, here } = await setting(t);
    const file = join(folder, "backup.tar.gz");
    const backup = await here.run(["backup", "--store", address, file]);
    assert.match(
      backup.out,
      /backup\.tar\.gz has 2 users and 1 journal line, .* It contains tokens and the class secret/,
    );
    assert.equal((await stat(file)).mode & 0o077, 0, "only the owner can read it");
    const again = await here.run(["backup", "--store", address, file]);
    assert.deepEqual([again.exitCode, /already exists/.test(again.error)], [EXIT.folder, true]);
    assert.deepEqual(await readdir(folder), ["backup.tar.gz"], "no tokens are left beside it");

    const asked = await here.run(["restore", "--store", address, file]);
    assert.equal(asked.exitCode, EXIT.usage);
    assert.match(asked.error, /There is data in postgres:.*\. To replace it with the backup, add --yes\n$/);
    const restored = await here.run(["restore", "--store", address, file, "--yes"]);
    const sentence =
      /now has 2 users and 0 messages, all of them checked\. The old data is in the schema (before_restore_\w+) of/;
    assert.match(restored.out, sentence);
    const doctor = await here.run(["doctor", "--store", address]);
    assert.match(
      doctor.out,
      /! The data from before a restore is still in the schema before_restore_\w+\n {2}Look at it, then/,
    );
    const [, schema = ""] = sentence.exec(restored.out) ?? [];
    const sql = postgres(address, { max: 1, onnotice: () => {} });
    await sql.unsafe(`drop schema ${schema} cascade`);
    await sql.end();
    assert.doesNotMatch((await here.run(["doctor", "--store", address])).out, /before a restore/);
  });

  test("takes the folder that is typed rather than the database of the variable", async (t) => {
    const { address, folder, here } = await setting(t);
    const root = join(folder, "data");
    const store = await openTestStore(t, root);
    await addUserOfFolder(store, "lin");
    await store.close();
    const run = (...command: string[]) => here.run(command, "", { PLAINCHAT_STORE: address });
    assert.match((await run("backup", join(folder, "1.tar.gz"))).out, /has 2 users/);
    assert.match((await run("backup", join(folder, "2.tar.gz"), "--root", root)).out, /has 1 user and/);
    const both = await run("backup", join(folder, "3.tar.gz"), "--root", root, "--store", address);
    assert.equal(both.exitCode, EXIT.usage);
    assert.match(both.error, /in a folder or in a database\. Leave out --root, or --store\n$/);
    assert.equal(existsSync(join(folder, "3.tar.gz")), false);
    const wrong = await here.run(["doctor", "--store", "mysql://host/chat"]);
    assert.match(wrong.error, /Use the address of a PostgreSQL database, such as postgres:/);
    const unreadable = "postgres://ada:s3/cret@127.0.0.1:1/chat";
    for (const command of [
      ["doctor", "--store", unreadable],
      ["serve", "--store", unreadable],
      ["move", "--from", root, "--to", unreadable],
    ]) {
      const { exitCode, error } = await here.run(command);
      assert.notEqual(exitCode, 0);
      assert.match(error, /The address of the database cannot be read\..* @ as %40, : as %3A, \/ as %2F/, command[0]);
      assert.doesNotMatch(error, /cret@/, "no password");
    }
  });

  test("says that a database needs no compaction, and ends with a code if the doctor finds something", async (t) => {
    const { address, here } = await setting(t);
    const compact = await here.run(["compact", "--store", address]);
    assert.deepEqual([compact.exitCode, /PostgreSQL removes deleted rows .* by itself/.test(compact.out)], [0, true]);
    const away = await here.run(["doctor", "--store", "postgres://ada:secret@127.0.0.1:1/chat"]);
    assert.equal(away.exitCode, EXIT.folder);
    assert.match(away.out, /^✗ The database postgres:\/\/ada@127\.0\.0\.1:1\/chat cannot be used: nothing answers/);
    const missing = await here.run(["backup", "--store", "postgres://ada:secret@127.0.0.1:1/chat", "b.tar.gz"]);
    assert.equal(missing.exitCode, EXIT.folder);
    assert.doesNotMatch(missing.error, /secret@/);
  });
});
