import assert from "node:assert/strict";
import { chmod, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { addUser, openTestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";

const onWindows = process.platform === "win32" && "Windows has no such modes";

test("the start takes away what other users of the computer may do with the data", { skip: onWindows }, async (t) => {
  const root = await temporaryFolder(t);
  const first = await openTestStore(t, root);
  assert.deepEqual(first.reports, []);
  await addUser(first, "ada");
  await first.close();
  const elsewhere = join(await temporaryFolder(t), "not-ours");
  await writeFile(elsewhere, "");
  await chmod(elsewhere, 0o666);
  await symlink(elsewhere, join(root, "users", "9.json"));
  const files = [
    "lock",
    "users/secret.dat",
    "users/1.dat",
    "users/1.json",
    "messages/000001.jsonl",
    "messages/reserve",
    "class/keys.json",
    "class/muted/1.json",
  ];
  await mkdir(join(root, "class", "muted"), { recursive: true });
  for (const name of ["keys.json", "muted/1.json"]) await writeFile(join(root, "class", name), "{}");
  for (const file of files) await chmod(join(root, file), 0o666);
  await mkdir(join(root, "requests"));
  const folders = ["users", "messages", "requests", "class", "class/muted"];
  for (const folder of folders) await chmod(join(root, folder), 0o2777);
  await chmod(root, 0o777);
  const mode = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

  const { reports, close } = await openTestStore(t, root);
  for (const file of files) assert.equal(await mode(join(root, file)), "600", file);
  for (const folder of folders) assert.equal(await mode(join(root, folder)), "2700", folder);
  // Others may look into a folder that was there before, but not put something of their own in the place of the data.
  assert.equal(await mode(root), "755");
  assert.equal(await mode(elsewhere), "666", "what a link leads to is not ours");
  assert.deepEqual(reports, [
    "info: Other users of this computer could read or change the data. Now only the owner can",
  ]);
  await close();
  assert.deepEqual((await openTestStore(t, root)).reports, []);
});

test("a root like /tmp keeps its mode: others may use it, but cannot remove what is ours", {
  skip: onWindows,
}, async (t) => {
  const root = await temporaryFolder(t);
  await chmod(root, 0o1777);
  assert.deepEqual((await openTestStore(t, root)).reports, []);
  assert.equal((await stat(root)).mode & 0o7777, 0o1777);
});

test("folders that were there before with the usual mode become the owner's", { skip: onWindows }, async (t) => {
  const root = await temporaryFolder(t);
  for (const folder of ["users", "messages"]) await mkdir(join(root, folder), { mode: 0o755 });
  const { reports } = await openTestStore(t, root);
  assert.equal(reports.length, 1);
  for (const folder of ["users", "messages"]) assert.equal((await stat(join(root, folder))).mode & 0o777, 0o700);
});
