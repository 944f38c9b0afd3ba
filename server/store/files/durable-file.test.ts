import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { changeFolder, createFile, removeFiles, removeTemporaryFiles, replaceFile } from "./durable-file.ts";

test("createFile() creates a file that only its owner can read, and leaves no other file", async (t) => {
  const folder = await temporaryFolder(t);
  assert.equal(await createFile(join(folder, "a.dat"), "text"), true);
  assert.equal(await readFile(join(folder, "a.dat"), "utf8"), "text");
  assert.equal((await stat(join(folder, "a.dat"))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ["a.dat"]);
});

test("exactly one of a hundred createFile() calls at once succeeds", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "claim.dat");
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => createFile(path, `owner ${i}`)));
  assert.equal(results.filter(Boolean).length, 1);
  assert.equal(await readFile(path, "utf8"), `owner ${results.indexOf(true)}`);
  assert.deepEqual(await readdir(folder), ["claim.dat"]);
});

test("replaceFile() replaces the old text with the new one", async (t) => {
  const folder = await temporaryFolder(t);
  await replaceFile(join(folder, "a.dat"), "old");
  await replaceFile(join(folder, "a.dat"), "new");
  assert.equal(await readFile(join(folder, "a.dat"), "utf8"), "new");
  assert.deepEqual(await readdir(folder), ["a.dat"]);
});

test("replaceFile() leaves no file when it fails", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "a.dat"));
  await assert.rejects(replaceFile(join(folder, "a.dat"), "new"));
  assert.deepEqual(await readdir(folder), ["a.dat"]);
});

test("removeFiles() accepts a file that is not there", async (t) => {
  const folder = await temporaryFolder(t);
  await createFile(join(folder, "a.dat"), "text");
  await removeFiles([join(folder, "a.dat"), join(folder, "never.dat")]);
  assert.deepEqual(await readdir(folder), []);
});

test("removeTemporaryFiles() removes the unfinished files that a crash left", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, ".new-7-1.dat"), "half");
  await writeFile(join(folder, "1.dat"), "whole");
  await removeTemporaryFiles(folder);
  assert.deepEqual(await readdir(folder), ["1.dat"]);
});

test("changeFolder() changes nothing in a folder that cannot be opened, because it could not be synced", async (t) => {
  const folder = await temporaryFolder(t);
  let changes = 0;
  const change = async () => {
    changes++;
  };
  await assert.rejects(changeFolder(join(folder, "missing"), change), /ENOENT/);
  assert.equal(changes, 0);
  await changeFolder(folder, change);
  assert.equal(changes, 1);
});
