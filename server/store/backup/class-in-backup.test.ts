/**
 * Tests that a backup takes the class along: what the teacher decided and the keys, but no rejoin codes.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { addUser, openTestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { writeBackup } from "./backup.ts";
import { stageRestore } from "./restore.ts";

const NOW = new Date("2030-01-02T12:00:00.000Z");
const nothing = () => {};
const CLASS = { isClass: true };
const FACTS = { isPaused: true, showsTexts: false, showsBoard: undefined, lesson: 4 };

test("a restored class has the same keys, teacher, decisions and progress, and no rejoin code", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, CLASS);
  for (const handle of ["ms-hopper", "ada"]) await addUser(store, handle);
  const { classroom } = store;
  await classroom?.setTeacher(1);
  await classroom?.change(FACTS);
  await classroom?.changePupil(2, { isMuted: true, isHidden: true });
  await classroom?.keepCode(2, "K7Q2MX", "2030-01-02T12:10:00.000Z");
  await classroom?.keepProgress(2, { lesson: 3, case: "register-no-secret", passed: 2, total: 13 });
  // Somebody may pause the class by hand.
  writeFileSync(join(root, "class", "paused.json"), "");
  writeFileSync(join(root, "class", "muted", "notes.txt"), "not ours");
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(root, file, nothing);

  const elsewhere = await temporaryFolder(t);
  await stageRestore(elsewhere, file, NOW, nothing);
  const restored = await openTestStore(t, elsewhere, CLASS);
  assert.deepEqual(restored.classroom?.keys, classroom?.keys);
  assert.equal(restored.classroom?.teacherId, 1);
  assert.deepEqual(restored.classroom?.facts, FACTS);
  assert.deepEqual(restored.classroom?.pupil(2), { isMuted: true, isHidden: true, isHandUp: false });
  assert.equal(await restored.classroom?.useCode(2, "K7Q2MX", 0), false);
  assert.equal(restored.classroom?.openProgress(2)?.lessons[0]?.case, "register-no-secret");
  assert.deepEqual(restored.classroom?.openProgress(2), classroom?.openProgress(2));
  assert.ok(!existsSync(join(elsewhere, "class", "muted", "notes.txt")));
  assert.deepEqual(restored.reports, ["info: A backup has replaced the data"]);
  if (process.platform !== "win32") {
    assert.equal(statSync(join(elsewhere, "class", "keys.json")).mode & 0o777, 0o600);
    assert.equal(statSync(join(elsewhere, "class")).mode & 0o777, 0o700);
  }
});

test("a restore moves the old decisions away: they are about other people", async (t) => {
  const root = await temporaryFolder(t);
  const plain = await openTestStore(t, root);
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(root, file, nothing);
  await plain.close();
  const lesson = await openTestStore(t, root, CLASS);
  await lesson.classroom?.setTeacher(1);
  await lesson.classroom?.changePupil(2, { isMuted: true });
  const keys = lesson.classroom?.keys;
  await lesson.close();
  const { before } = await stageRestore(root, file, NOW, nothing);
  const restored = await openTestStore(t, root, CLASS);
  assert.deepEqual(restored.classroom?.keys, keys, "the teacher's page goes on working");
  assert.equal(restored.classroom?.teacherId, undefined);
  assert.equal(restored.classroom?.pupil(2).isMuted, false);
  assert.equal(readFileSync(join(root, before, "class", "teacher.dat"), "utf8"), "1");
});

test("without a class, a backup and a restore make no folder for one", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  await addUser(store, "ada");
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(root, file, nothing);
  const elsewhere = await temporaryFolder(t);
  await stageRestore(elsewhere, file, NOW, nothing);
  await openTestStore(t, elsewhere);
  assert.ok(!existsSync(join(root, "class")) && !existsSync(join(elsewhere, "class")));
});
