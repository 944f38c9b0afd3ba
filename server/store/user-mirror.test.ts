import assert from "node:assert/strict";
import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { addUser, openTestStore } from "../../tests/open-test-store.ts";
import { temporaryFolder } from "../../tests/temporary-folder.ts";
import { hashHandle } from "./handle-hash.ts";
import { Paths } from "./paths.ts";
import { UserMirror } from "./user-mirror.ts";

test("what could not be read once counts again from the next turn on, the handle too", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  await store.close();
  const paths = new Paths(root);
  const mirror = new UserMirror(paths);
  mirror.load();
  for (const path of [paths.tokenFile(ada.userId), paths.handleFile(hashHandle("ada"))]) {
    const text = await readFile(path, "utf8");
    await rm(path);
    // A folder of that name cannot be read as a file.
    await mkdir(path);
    mirror.refreshUserAndHandle(ada.userId);
    assert.equal(mirror.owner(hashHandle("ada")), "unreadable");
    await rmdir(path);
    await writeFile(path, text);
    mirror.refreshUserAndHandle(ada.userId);
    assert.equal(mirror.owner(hashHandle("ada")), ada.userId);
  }
});
