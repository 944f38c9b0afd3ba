import assert from "node:assert/strict";
import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { addUser, openTestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Paths } from "../files/paths.ts";
import { hashHandle } from "./handle-hash.ts";
import { UserCache } from "./user-cache.ts";

test("a user whose files could not be read once is back after the next turn, with the handle", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  await store.close();
  const paths = new Paths(root);
  const cache = new UserCache(paths);
  cache.load();
  for (const path of [paths.tokenFile(ada.userId), paths.handleFile(hashHandle("ada"))]) {
    const text = await readFile(path, "utf8");
    await rm(path);
    // A folder with that name cannot be read as a file.
    await mkdir(path);
    cache.refreshUserAndHandle(ada.userId);
    assert.equal(cache.owner(hashHandle("ada")), "unreadable");
    await rmdir(path);
    await writeFile(path, text);
    cache.refreshUserAndHandle(ada.userId);
    assert.equal(cache.owner(hashHandle("ada")), ada.userId);
  }
});
