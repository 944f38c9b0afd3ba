/**
 * Tests that what class mode keeps goes along when data move between a folder and a database, and when a database is
 * backed up and restored.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import postgres from "postgres";
import { addUser as addUserAt, noDatabase, openAt, theDatabase } from "../../../testing/open-test-database.ts";
import { addUser, openTestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { writeBackup } from "../backup/backup.ts";
import { stageRestore } from "../backup/restore.ts";
import type { Store } from "../store.ts";
import { backUpDatabase, restoreDatabase } from "./database-backup.ts";
import { moveToDatabase } from "./move-to-database.ts";
import { moveToFolder } from "./move-to-folder.ts";

const nothing = () => {};
const create = async () => (await theDatabase()).create();
const CLASS = { isClass: true };
const [TEACHER, ADA, GRACE] = [1, 2, 3];
const UNTIL = "2030-01-02T12:10:00.000Z";
const REPORT = { lesson: 3, case: "register-no-secret", passed: 2, total: 13 };

describe("a class", { skip: noDatabase }, () => {
  /** A folder with a teacher, two pupils, and something decided about everything. */
  async function folderWithClass(t: TestContext): Promise<{ root: string; inClass: (name: string) => string }> {
    const root = await temporaryFolder(t);
    const store = await openTestStore(t, root, CLASS);
    for (const handle of ["ms-hopper", "ada", "grace"]) await addUser(store, handle);
    await decide(store);
    await store.close();
    const inClass = (name: string) => join(root, "class", name);
    writeFileSync(inClass("label.dat"), "9b on Mondays");
    return { root, inClass };
  }

  async function decide({ classroom }: Store): Promise<void> {
    assert.ok(classroom);
    await classroom.setTeacher(TEACHER);
    await classroom.change({ isPaused: true, showsTexts: true, showsBoard: true, lesson: 4 });
    await classroom.changePupil(ADA, { isMuted: true, isHandUp: true });
    await classroom.changePupil(GRACE, { isHidden: true });
    await classroom.keepProgress(ADA, REPORT);
    await classroom.keepProgress(ADA, { lesson: 4, case: undefined, passed: 9, total: 9 });
    await classroom.keepProgress(GRACE, REPORT);
    for (const userId of [ADA, GRACE]) await classroom.keepCode(userId, "K7Q2MX", UNTIL);
    for (let tries = 0; tries < 4; tries++) await classroom.useCode(GRACE, "WRONGX", 0);
  }

  /** Everything that a store says about a class, but for the codes: to ask for those changes them. */
  async function classOf({ classroom, classTag }: Store) {
    assert.ok(classroom);
    const decisions = await classroom.decisions();
    const { teacherId, facts, hiddenIds } = decisions;
    return {
      classTag,
      keys: [(await classroom.openKey()).text, (await classroom.openProjectorKey()).text],
      label: await classroom.archives.openLabel(),
      teacherId,
      facts,
      hiddenIds: [...hiddenIds],
      pupils: [TEACHER, ADA, GRACE].map((userId) => decisions.pupil(userId)),
      progress: [...(await classroom.openAllProgress())].sort(([one], [other]) => one - other),
    };
  }

  /** The code of one pupil has four wrong tries behind it, so one more ends it. The other's is as new. */
  async function codesMustCount({ classroom }: Store): Promise<void> {
    assert.equal(await classroom?.useCode(GRACE, "WRONGX", 0), false);
    assert.equal(await classroom?.useCode(GRACE, "K7Q2MX", 0), false, "after five wrong tries");
    assert.equal(await classroom?.useCode(ADA, "WRONGX", 0), false);
    assert.equal(await classroom?.useCode(ADA, "K7Q2MX", Date.parse(UNTIL)), false, "too late");
    assert.equal(await classroom?.useCode(ADA, "k7q2mx", Date.parse(UNTIL) - 1), true);
  }

  const filesIn = (root: string) =>
    ["keys.json", "id.dat", "teacher.dat", "label.dat", "lesson.dat", "paused.json", "texts-shown.json"]
      .concat("board-shown.json", "muted/2.json", "hidden/3.json", "hands/2.json", "codes/2.json", "codes/3.json")
      .concat("progress/2.json", "progress/3.json")
      .map((name) => [name, readFileSync(join(root, "class", name), "utf8")]);

  test("moves to a database and back, every file as it was", async (t) => {
    const [{ root }, address, back] = [await folderWithClass(t), await create(), await temporaryFolder(t)];
    const first = await openTestStore(t, root, CLASS);
    const view = await classOf(first);
    assert.deepEqual([view.label, view.teacherId, view.progress.length], ["9b on Mondays", TEACHER, 2]);
    await first.close();
    const files = filesIn(root);

    await moveToDatabase(root, address, nothing, nothing);
    const reports: string[] = [];
    await moveToFolder(address, back, nothing, (sentence) => reports.push(sentence));
    assert.deepEqual(reports, [], "nothing stays behind");
    assert.deepEqual(filesIn(back), files);
    assert.deepEqual(filesIn(root), files, "the first folder is unchanged");

    const second = await openAt(t, address, CLASS);
    assert.deepEqual(await classOf(second), view);
    await codesMustCount(second);
    await second.close();
    const third = await openTestStore(t, back, CLASS);
    assert.deepEqual([third.reports, await classOf(third)], [[], view]);
    await codesMustCount(third);
  });

  test("that was begun in a database moves to a folder and on", async (t) => {
    const [address, root, other] = [await create(), await temporaryFolder(t), await create()];
    const first = await openAt(t, address, CLASS);
    for (const handle of ["ms-hopper", "ada", "grace"]) await addUserAt(first, handle);
    await decide(first);
    const view = await classOf(first);
    await first.close();
    await moveToFolder(address, root, nothing);
    await moveToDatabase(root, other, nothing, nothing);
    const last = await openAt(t, other, CLASS);
    assert.deepEqual(await classOf(last), view);
    await codesMustCount(last);
  });

  test("without class mode, a move makes neither a folder nor rows for one", async (t) => {
    const [root, address, back] = [await temporaryFolder(t), await create(), await temporaryFolder(t)];
    const store = await openTestStore(t, root);
    await addUser(store, "ada");
    await store.close();
    // Somebody has tried class mode on the empty database, which makes keys and an id.
    await (await openAt(t, address, CLASS)).close();
    await moveToDatabase(root, address, nothing, nothing);
    const sql = postgres(address, { max: 1 });
    t.after(() => sql.end());
    assert.deepEqual([[...(await sql`select from class`)], [...(await sql`select from class_keys`)]], [[], []]);
    await moveToFolder(address, back, nothing);
    assert.equal(existsSync(join(back, "class")), false);
  });

  test("with files that somebody has made, damaged or left over, moves as a start would take it", async (t) => {
    const [{ root, inClass }, address] = [await folderWithClass(t), await create()];
    // Only that it is there counts, and since when the file itself says.
    writeFileSync(inClass("paused.json"), "");
    utimesSync(inClass("paused.json"), new Date(UNTIL), new Date(UNTIL));
    writeFileSync(inClass("progress/3.json"), '{"lesson":');
    writeFileSync(inClass("lesson.dat"), "four");
    writeFileSync(inClass("codes/2.json"), "{}");
    writeFileSync(inClass("muted/99.json"), "{}");
    rmSync(inClass("id.dat"));
    const reports: string[] = [];
    const report = (level: string, sentence: string) => level === "error" && reports.push(sentence);
    await moveToDatabase(root, address, report, nothing);
    assert.deepEqual(
      reports.map((sentence) => sentence.replace(/,? and .*/, "")),
      [
        "class/lesson.dat was damaged. The server has moved it to class/aside",
        "class/progress/3.json was damaged. The server has moved it to class/aside",
      ],
    );
    assert.ok(existsSync(inClass("aside/1-lesson.dat")) && existsSync(inClass("aside/1-progress-3.json")));
    const sql = postgres(address, { max: 1 });
    t.after(() => sql.end());
    const idsIn = async (table: string) =>
      (await sql`select user_id::integer as id from ${sql(table)}`).map(({ id }) => id);
    const [row] = await sql`select lesson, paused_since, length(id) as length from class`;
    assert.deepEqual({ ...row }, { lesson: null, paused_since: new Date(UNTIL), length: 16 });
    assert.deepEqual(await idsIn("class_progress"), [2]);
    assert.deepEqual(await idsIn("class_codes"), [3]);
    assert.deepEqual(await idsIn("class_muted"), [2]);
  });

  test("is refused before anything is moved if a column has no room for something", async (t) => {
    const { root, inClass } = await folderWithClass(t);
    for (const [name, text] of [
      ["lesson.dat", "3000000000"],
      ["label.dat", "9b\0"],
    ] as const) {
      const [address, before] = [await create(), readFileSync(inClass(name), "utf8")];
      writeFileSync(inClass(name), text);
      const sentence = new RegExp(`A database cannot keep what is in class/${name}. Change it, then try again`);
      await assert.rejects(moveToDatabase(root, address, nothing, nothing), sentence);
      writeFileSync(inClass(name), before);
    }
  });

  test("that is read back in another way than it was written is not moved", async (t) => {
    const { root } = await folderWithClass(t);
    for (const [table, change] of [
      ["class_keys", "new.projector := new.projector || 'x'"],
      ["class", "new.label := 'another'"],
      ["class", "new.paused_since := new.paused_since + interval '1 ms'"],
      ["class_muted", "new.since := now()"],
      ["class_hidden", "new.user_id := new.user_id - 1"],
      ["class_hands", "return null"],
      ["class_codes", "new.wrong_tries := 0"],
      ["class_progress", "new.progress := replace(new.progress, '13', '14')"],
    ]) {
      const address = await create();
      await (await openAt(t, address)).close();
      const sql = postgres(address, { max: 1, onnotice: nothing });
      await sql.unsafe(`create function change() returns trigger language plpgsql as $$
        begin ${change}; return new; end $$`);
      await sql.unsafe(`create trigger change before insert on ${table} for each row execute function change()`);
      const what =
        table === "class" || table === "class_keys" ? /about the whole class is not/ : /class\/.* is not the/;
      await assert.rejects(moveToDatabase(root, address, nothing, nothing), what, `${table}: ${change}`);
      assert.deepEqual([...(await sql`select from users`)], []);
      await sql.end();
    }
  });

  test("is in the backup of a database, as in that of a folder: with everything but the codes", async (t) => {
    const [{ root }, address] = [await folderWithClass(t), await create()];
    const files = filesIn(root).filter(([name]) => name?.startsWith("codes") !== true);
    await moveToDatabase(root, address, nothing, nothing);
    const served = await openAt(t, address, CLASS);
    const view = await classOf(served);
    await served.close();
    const folder = await temporaryFolder(t);
    const [ofDatabase, ofFolder] = [join(folder, "database.tar.gz"), join(folder, "folder.tar.gz")];
    await backUpDatabase(address, ofDatabase, nothing);
    await writeBackup(root, ofFolder, nothing);
    for (const file of [ofDatabase, ofFolder]) {
      const [elsewhere, other] = [await temporaryFolder(t), await create()];
      await stageRestore(elsewhere, file, new Date(), nothing);
      const restored = await openTestStore(t, elsewhere, CLASS);
      assert.deepEqual(await classOf(restored), view);
      for (const [name = "", text] of files) assert.equal(readFileSync(join(elsewhere, "class", name), "utf8"), text);
      await restoreDatabase(other, file, new Date(), nothing);
      const again = await openAt(t, other, CLASS);
      assert.deepEqual(await classOf(again), view);
      for (const store of [restored, again]) assert.equal(await store.classroom?.useCode(ADA, "K7Q2MX", 0), false);
    }
  });

  test("is replaced by a restore, and the keys stay if the backup has no class", async (t) => {
    const [{ root }, address, folder] = [await folderWithClass(t), await create(), await temporaryFolder(t)];
    await moveToDatabase(root, address, nothing, nothing);
    const lesson = await openAt(t, address, CLASS);
    const { keys, classTag } = await classOf(lesson);
    await lesson.close();
    const plainRoot = await temporaryFolder(t);
    const plain = await openTestStore(t, plainRoot);
    await addUser(plain, "lin");
    await plain.close();
    const file = join(folder, "plain.tar.gz");
    await writeBackup(plainRoot, file, nothing);
    await restoreDatabase(address, file, new Date(), nothing);
    const restored = await openAt(t, address, CLASS);
    const view = await classOf(restored);
    assert.deepEqual([view.keys, view.teacherId, view.facts.isPaused], [keys, undefined, false]);
    assert.notEqual(view.classTag, classTag, "it is another class");
    assert.deepEqual(view.pupils[1], { isMuted: false, isHidden: false, isHandUp: false });
    assert.equal(await restored.classroom?.useCode(ADA, "K7Q2MX", 0), false);
  });

  test("whose files are damaged in the backup is restored, and it says what is lost", async (t) => {
    const [{ root, inClass }, folder, address] = [await folderWithClass(t), await temporaryFolder(t), await create()];
    writeFileSync(inClass("teacher.dat"), "ms-hopper");
    const file = join(folder, "backup.tar.gz");
    await writeBackup(root, file, nothing);
    const reports: string[] = [];
    await restoreDatabase(address, file, new Date(), nothing, (_level, sentence) => reports.push(sentence));
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? "", /^class\/teacher\.dat was damaged\. .*become the teacher again\.$/);
    const restored = await openAt(t, address, CLASS);
    const { teacherId, facts } = await classOf(restored);
    assert.deepEqual([teacherId, facts.lesson], [undefined, 4]);
  });
});
