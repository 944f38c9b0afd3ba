/**
 * Tests what happens when somebody removes or damages files of the class, before a start and while the server runs.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Paths } from "../files/paths.ts";
import { ClassFolder } from "./class-folder.ts";

interface Opened {
  folder: ClassFolder;
  reports: string[];
  /** How often something has changed. */
  changes: () => number;
}

async function open(t: TestContext, root: string, isUser = (_userId: number) => true): Promise<Opened> {
  const reports: string[] = [];
  let changes = 0;
  const folder = await ClassFolder.open({
    paths: new Paths(root),
    now: Date.now,
    report: (_level, sentence) => reports.push(sentence),
    isUser,
    onChange: () => changes++,
    figures: () => ({ users: 0, messages: 0 }),
    onOtherClass() {},
    onFatal(error) {
      throw error;
    },
  });
  t.after(() => folder.close());
  return { folder, reports, changes: () => changes };
}

/** The folder is read again every second. */
async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; !condition(); waits++) {
    assert.ok(waits < 500, "nothing was put right");
    await setTimeout(20);
  }
}

const ALL = { isPaused: true, showsTexts: true, showsBoard: true, lesson: 5 } as const;

/** A folder in which everything is decided. */
async function decided(t: TestContext): Promise<Opened & { root: string; inClass: (name: string) => string }> {
  const root = await temporaryFolder(t);
  const opened = await open(t, root);
  await opened.folder.setTeacher(7);
  await opened.folder.change(ALL);
  await opened.folder.changePupil(8, { isMuted: true, isHidden: true, isHandUp: true });
  return { ...opened, root, inClass: (name) => join(root, "class", name) };
}

test("what is decided is there after the next start, with the same keys", async (t) => {
  const { folder, root, inClass } = await decided(t);
  const { keys } = folder;
  await folder.close();
  const again = await open(t, root);
  assert.deepEqual(again.folder.keys, keys);
  assert.equal(again.folder.teacherId, 7);
  assert.deepEqual(again.folder.facts, ALL);
  assert.deepEqual(again.folder.pupil(8), { isMuted: true, isHidden: true, isHandUp: true });
  assert.deepEqual(again.reports, []);
  await again.folder.change({ isPaused: false });
  assert.deepEqual(again.folder.facts, { ...ALL, isPaused: false });
  await again.folder.makeKeys();
  assert.notDeepEqual(again.folder.keys, keys);
  if (process.platform !== "win32") assert.equal(statSync(inClass("keys.json")).mode & 0o777, 0o600);
});

test("keys that are changed by hand count within a second", async (t) => {
  const { folder, inClass } = await decided(t);
  const keys = { teacher: "a-key-of-my-own", projector: "another-of-my-own" };
  writeFileSync(inClass("keys.json"), JSON.stringify(keys));
  await until(() => folder.openKey().matches(keys.teacher));
  assert.deepEqual(folder.keys, keys);
});

test("keys that are removed come back, and files that are only there or not do not", async (t) => {
  const { folder, reports, inClass } = await decided(t);
  const { keys } = folder;
  for (const name of ["keys.json", "paused.json", "muted/8.json"]) rmSync(inClass(name));
  await until(() => folder.notes.length === 1);
  assert.deepEqual(JSON.parse(readFileSync(inClass("keys.json"), "utf8")), keys);
  assert.deepEqual(folder.keys, keys);
  assert.equal(folder.facts.isPaused, false);
  assert.equal(folder.pupil(8).isMuted, false);
  const sentence = "class/keys.json was removed. The server has written it again, with the same keys.";
  assert.deepEqual([reports, folder.notes], [[sentence], [sentence]]);
});

test("damaged files are set aside and written again while the server runs", async (t) => {
  const { folder, root, inClass } = await decided(t);
  const { keys } = folder;
  writeFileSync(inClass("keys.json"), '{"teacher":');
  writeFileSync(inClass("teacher.dat"), "ms-hopper");
  rmSync(inClass("lesson.dat"));
  mkdirSync(inClass("lesson.dat"));
  await until(() => folder.notes.length === 3);
  assert.equal(folder.filesAside, 3);
  assert.equal(readFileSync(inClass("lesson.dat"), "utf8"), "5");
  assert.deepEqual(folder.keys, keys);
  assert.equal(folder.teacherId, 7);
  assert.equal(readFileSync(inClass("teacher.dat"), "utf8"), "7");
  assert.deepEqual(readdirSync(inClass("aside")).sort(), ["1-keys.json", "1-lesson.dat", "1-teacher.dat"]);
  assert.equal(readFileSync(inClass("aside/1-teacher.dat"), "utf8"), "ms-hopper");
  assert.equal(folder.notes.length, 3);
  for (const note of folder.notes) assert.match(note, /^class\/\S+ was damaged\. .* written it again\.$/);
  await folder.close();
  const again = await open(t, root);
  assert.deepEqual([again.folder.keys, again.folder.teacherId, again.folder.filesAside], [keys, 7, 3]);
});

test("damaged files are set aside at the start, and the server says what is lost", async (t) => {
  const { folder, root, inClass } = await decided(t);
  const { keys } = folder;
  await folder.close();
  writeFileSync(inClass("keys.json"), JSON.stringify({ teacher: "short", projector: "short" }));
  writeFileSync(inClass("teacher.dat"), "");
  writeFileSync(inClass("lesson.dat"), "-1");
  rmSync(inClass("muted"), { recursive: true });
  writeFileSync(inClass("muted"), "a file");
  const again = await open(t, root);
  assert.notDeepEqual(again.folder.keys, keys);
  assert.equal(again.folder.teacherId, undefined);
  assert.deepEqual(again.folder.facts, { ...ALL, lesson: undefined });
  assert.deepEqual(again.folder.pupil(8), { isMuted: false, isHidden: true, isHandUp: true });
  assert.equal(again.folder.filesAside, 4);
  assert.deepEqual(again.reports, [
    "class/muted was no folder. The server has moved it to class/aside.",
    "class/keys.json was damaged. The server has moved it to class/aside, and made new keys. The earlier addresses of the teacher and of the projector no longer work.",
    "class/teacher.dat was damaged. The server has moved it to class/aside, and does not know any more who the teacher is. Open the teacher's page to become the teacher again.",
    "class/lesson.dat was damaged. The server has moved it to class/aside, and does not know any more in which lesson the class is. Choose it again.",
  ]);
  await again.folder.changePupil(8, { isMuted: true });
  assert.ok(existsSync(inClass("muted/8.json")));
});

test("the whole folder can be removed while the server runs: keys come back, and changes go on", async (t) => {
  const { folder, reports, root, inClass } = await decided(t);
  const { keys } = folder;
  rmSync(join(root, "class"), { recursive: true });
  await folder.changePupil(9, { isMuted: true });
  assert.ok(existsSync(inClass("muted/9.json")));
  assert.deepEqual(folder.facts, { isPaused: false, showsTexts: false, showsBoard: undefined, lesson: undefined });
  await until(() => existsSync(inClass("keys.json")));
  assert.deepEqual(folder.keys, keys);
  rmSync(join(root, "class"), { recursive: true });
  await until(() => existsSync(inClass("keys.json")) && existsSync(inClass("codes")));
  assert.ok(reports.some((each) => each.startsWith("Folders in class were removed.")));
  await folder.keepCode(9, "K7Q2MX", "2030-01-02T12:10:00.000Z");
  assert.equal(await folder.useCode(9, "K7Q2MX", 0), true);
});

test("a file that an editor is writing just now is no damage", async (t) => {
  const { folder, inClass } = await decided(t);
  for (let i = 0; i < 3; i++) {
    writeFileSync(inClass("teacher.dat"), "");
    await folder.change({ isPaused: true });
    writeFileSync(inClass("teacher.dat"), "7");
    await folder.change({ isPaused: false });
  }
  assert.equal(folder.teacherId, 7);
  assert.equal(folder.filesAside, 0);
});

test("unfinished files of a crash are removed, and names that are no user's are passed over", async (t) => {
  const { folder, root, inClass } = await decided(t);
  await folder.close();
  for (const name of [".new-1-keys.json", "muted/.new-2-9.json"]) writeFileSync(inClass(name), "");
  for (const name of ["muted/ada.json", "muted/0.json", "muted/9.txt", "muted/99999999999999999999.json"]) {
    writeFileSync(inClass(name), "");
  }
  const again = await open(t, root);
  assert.ok(!existsSync(inClass(".new-1-keys.json")) && !existsSync(inClass("muted/.new-2-9.json")));
  assert.deepEqual([again.folder.pupil(8).isMuted, again.folder.pupil(9).isMuted], [true, false]);
});

test("a code that cannot be read is not valid, and a new one is", async (t) => {
  const { folder, inClass } = await decided(t);
  await folder.keepCode(8, "K7Q2MX", "2030-01-02T12:10:00.000Z");
  writeFileSync(inClass("codes/8.json"), "{}");
  assert.equal(await folder.useCode(8, "K7Q2MX", 0), false);
  await folder.keepCode(8, "ABCDEF", "soon");
  assert.equal(await folder.useCode(8, "ABCDEF", 0), false, "nobody knows until when");
});

test("wrong tries count also after a restart, so it gives nobody five more", async (t) => {
  const { folder, root } = await decided(t);
  await folder.keepCode(8, "K7Q2MX", "2030-01-02T12:10:00.000Z");
  for (let tries = 0; tries < 3; tries++) assert.equal(await folder.useCode(8, "WRONGX", 0), false);
  await folder.close();
  const again = await open(t, root);
  for (let tries = 0; tries < 2; tries++) assert.equal(await again.folder.useCode(8, "WRONGX", 0), false);
  assert.equal(await again.folder.useCode(8, "K7Q2MX", 0), false);
  await again.folder.keepCode(8, "ABCDEF", "2030-01-02T12:10:00.000Z");
  for (let tries = 0; tries < 4; tries++) assert.equal(await again.folder.useCode(8, "WRONGX", 0), false);
  assert.equal(await again.folder.useCode(8, "ABCDEF", 0), true, "a new code begins with no wrong tries");
});

test("onChange is called once for each change that somebody can see", async (t) => {
  const { folder, changes } = await decided(t);
  const before = changes();
  await folder.change({ isPaused: true });
  await folder.changePupil(8, { isMuted: true });
  assert.equal(changes(), before);
  await folder.change({ isPaused: false });
  assert.equal(changes(), before + 1);
});

const REPORT = { lesson: 3, case: "register-no-secret", passed: 2, total: 13 };

test("a damaged progress is set aside and written again while the server runs, and lost at a start", async (t) => {
  const { folder, root, inClass } = await decided(t);
  for (const userId of [8, 9]) await folder.keepProgress(userId, REPORT);
  const text = readFileSync(inClass("progress/8.json"), "utf8");
  writeFileSync(inClass("progress/8.json"), "{");
  rmSync(inClass("progress/9.json"));
  mkdirSync(inClass("progress/9.json"));
  assert.equal(folder.readAgain()?.progress.length, 2);
  assert.equal(folder.openProgress(8)?.lesson, 3, "what was known still counts");
  await until(() => folder.filesAside === 2);
  await until(() => readFileSync(inClass("progress/8.json"), "utf8") === text);
  await until(() => statSync(inClass("progress/9.json"), { throwIfNoEntry: false })?.isFile() === true);
  assert.deepEqual(readdirSync(inClass("aside")).sort(), ["1-progress-8.json", "1-progress-9.json"]);
  await until(() => folder.notes.length === 2);
  for (const note of folder.notes)
    assert.match(note, /^class\/progress\/[89]\.json was damaged\. .* written it again\.$/);
  await folder.close();
  writeFileSync(inClass("progress/8.json"), '{"lesson":3,"lessons":[]}');
  const again = await open(t, root);
  assert.deepEqual([again.folder.openProgress(8), again.folder.openProgress(9)?.lesson], [undefined, 3]);
  assert.match(
    String(again.reports),
    /^class\/progress\/8\.json was damaged\. .* does not know any more which lessons/,
  );
  assert.equal(again.folder.filesAside, 3);
  assert.equal(existsSync(inClass("progress/8.json")), false);
});

test("a report mends a damaged file, also if it says the same as the one before", async (t) => {
  const { folder, inClass } = await decided(t);
  await folder.keepProgress(8, REPORT);
  const text = readFileSync(inClass("progress/8.json"), "utf8");
  writeFileSync(inClass("progress/8.json"), "x".repeat(100_000));
  folder.readAgain();
  await folder.keepProgress(8, REPORT);
  assert.equal(readFileSync(inClass("progress/8.json"), "utf8"), text);
});

test("progress that is changed or removed by hand counts within a second", async (t) => {
  const { folder, inClass, changes } = await decided(t);
  await folder.keepProgress(8, REPORT);
  await folder.keepProgress(9, REPORT);
  const before = changes();
  const text = readFileSync(inClass("progress/8.json"), "utf8");
  writeFileSync(inClass("progress/8.json"), text.replace("register-no-secret", "register-not-json"));
  rmSync(inClass("progress/9.json"));
  await until(() => folder.openProgress(8)?.lessons[0]?.case === "register-not-json");
  assert.equal(folder.openProgress(9), undefined);
  assert.equal(changes(), before, "the class is not told");
  assert.deepEqual(folder.notes, []);
});

test("files about somebody who is no user any more are removed at the start", async (t) => {
  const { folder, root, inClass } = await decided(t);
  for (const userId of [8, 9]) await folder.keepProgress(userId, REPORT);
  await folder.close();
  const again = await open(t, root, (userId) => userId === 9);
  assert.deepEqual([again.folder.openProgress(8), again.folder.openProgress(9)?.lesson], [undefined, 3]);
  for (const about of ["muted", "hidden", "hands"]) assert.deepEqual(readdirSync(inClass(about)), []);
});
