import assert from "node:assert/strict";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { addUser, openTestStore, publish, readBox } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Lock } from "../files/lock.ts";

for (const [way, change] of [
  ["users removed", (root: string) => rm(join(root, "users"), { recursive: true })],
  ["users moved away", (root: string) => rename(join(root, "users"), join(root, "old"))],
  ["everything removed", (root: string) => rm(root, { recursive: true })],
] as const) {
  test(`when its folder is gone while the server runs, everybody can register again: ${way}`, async (t) => {
    const root = await temporaryFolder(t);
    const store = await openTestStore(t, root);
    await addUser(store, "ada");
    const secret = store.secret.open()?.text;
    await change(root);
    while (!store.reports.join().includes("users was removed")) await setTimeout(20);
    assert.equal(store.users.openTokenFile(1), "not found");
    const ada = await addUser(store, "ada");
    assert.equal(ada.userId, 2);
    await publish(store, ada, ada, "again");
    assert.equal((await readFile(join(root, "users", "secret.dat"), "utf8")).trim(), secret);
    // The folder was made again a moment ago, so the lock has its name again after one more look.
    while (way === "everything removed" && !(await isLocked(root))) await setTimeout(20);
    await store.close();
    const after = await openTestStore(t, root);
    assert.deepEqual(
      (await readBox(after, ada)).map(({ message }) => message),
      ["again"],
    );
  });
}

async function isLocked(root: string): Promise<boolean> {
  try {
    new Lock(join(root, "lock")).release();
    return false;
  } catch {
    return true;
  }
}
