import assert from "node:assert/strict";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Paths } from "../files/paths.ts";
import { ClassFolder } from "./class-folder.ts";
import { makeKeys, readKeys } from "./class-keys.ts";

const UNUSED = { figures: () => ({ users: 0, messages: 0 }), onOtherClass() {} };

test("new keys in the file count as soon as the folder is read again, and the old ones no longer", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  const folder = await ClassFolder.open({
    paths,
    now: Date.now,
    onFatal: assert.ifError,
    report: () => {},
    onChange: () => {},
    ...UNUSED,
  });
  t.after(() => folder.close());
  const old = folder.keys;
  assert.deepEqual(readKeys(paths), old);
  const keys = await makeKeys(paths);
  if (process.platform !== "win32") assert.equal((await stat(paths.classFile("keys.json"))).mode & 0o777, 0o600);
  assert.ok(folder.openKey().matches(old.teacher));
  folder.readAgain();
  assert.deepEqual(folder.keys, keys);
  assert.ok(folder.openKey().matches(keys.teacher));
  assert.ok(folder.openProjectorKey().matches(keys.projector));
  assert.ok(!folder.openKey().matches(old.teacher));
});

test("keys that are damaged or gone change nothing until the next start, which makes new ones", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  const open = () =>
    ClassFolder.open({
      paths,
      now: Date.now,
      onFatal: assert.ifError,
      report: () => {},
      onChange: () => {},
      ...UNUSED,
    });
  const folder = await open();
  const { teacher, projector } = folder.keys;
  for (const damaged of ["", "null", "{", '{"teacher":"short","projector":"short"}', JSON.stringify({ teacher })]) {
    await writeFile(paths.classFile("keys.json"), damaged);
    assert.equal(readKeys(paths), undefined, damaged);
    folder.readAgain();
    assert.deepEqual(folder.keys, { teacher, projector });
  }
  await rm(paths.classFile("keys.json"));
  folder.readAgain();
  assert.deepEqual(folder.keys, { teacher, projector });
  folder.close();
  const next = await open();
  next.close();
  assert.notEqual(next.keys.teacher, teacher);
  assert.deepEqual(JSON.parse(await readFile(paths.classFile("keys.json"), "utf8")), next.keys);
});

test("keys are not read when they cannot be, and that is an error of its own", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  assert.throws(() => readKeys(paths), { code: "ENOENT" });
  await mkdir(paths.classFile("keys.json"), { recursive: true });
  assert.throws(() => readKeys(paths), { code: "EISDIR" });
});
