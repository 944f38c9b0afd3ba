/**
 * Tests the end of a class with the real program: the export, the archive, the next class, and an archive that is opened
 * again. Then, in one process, what is refused.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import { Lock } from "../../server/store/files/lock.ts";
import { Paths } from "../../server/store/files/paths.ts";
import { startDatabase } from "../../testing/database.ts";
import { asked, FILES_ONLY } from "../../testing/kept.ts";
import { startLesson, teach } from "../../testing/lesson.ts";
import { startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const ENVIRONMENT = { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" };
/** With PLAINCHAT_TEST_DATABASE=1, the servers keep their data in a database. */
const cluster =
  process.env.PLAINCHAT_TEST_DATABASE === "1" ? await startDatabase({ after: (work) => after(work) }) : undefined;
/** Where the data of a server with this folder are: one that takes its place goes on with them. */
const databaseOf = new Map<string, string>();

async function startClass(t: TestContext, root: string) {
  const database = databaseOf.get(root) ?? (await cluster?.create());
  if (database !== undefined) databaseOf.set(root, database);
  const server = await startServer(t, root, {
    ...ENVIRONMENT,
    ...(database && { PLAINCHAT_STORE: database, PLAINCHAT_NOT_DURABLE: "1" }),
  });
  const teacherKey: string = await keyIn(root);
  return { ...server, teacherKey, teacher: new TeacherClient(server.origin, { teacherKey, attempts: 20 }) };
}

async function keyIn(root: string): Promise<string> {
  const database = databaseOf.get(root);
  if (database === undefined) return JSON.parse(await readFile(join(root, "class", "keys.json"), "utf8")).teacher;
  const [row] = await asked(database, (sql) => sql<{ teacher: string }[]>`select teacher from class_keys`);
  return row?.teacher ?? "";
}

async function classTag(origin: string): Promise<string | undefined> {
  try {
    return ((await (await fetch(`${origin}/api/v1/class`)).json()) as { folder: string }).folder;
  } catch {
    return undefined;
  }
}

/** Waits for the server to open its folder again. @returns the tag of the class that is there then. */
async function nextClass(origin: string, before: string | undefined): Promise<string> {
  for (const signal = AbortSignal.timeout(20_000); ; signal.throwIfAborted()) {
    const tag = await classTag(origin);
    if (tag !== undefined && tag !== before) return tag;
  }
}

async function secretIn(root: string): Promise<string> {
  const database = databaseOf.get(root);
  if (database === undefined) return (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
  const [row] = await asked(database, (sql) => sql<{ text: string }[]>`select text from secret`);
  return row?.text ?? "";
}

async function joined(origin: string, secret: string, userHandle: string) {
  const client = new PlainchatClient(origin, { attempts: 20 });
  return { client, ...(await client.registerUser({ secret, userHandle })) };
}

test("a class ends, the next one begins, and the first comes back with its people and messages", async (t) => {
  const root = await temporaryFolder(t);
  const { origin, teacher, secret, stop, output } = await startClass(t, root);
  await teacher.becomeTeacher({ userHandle: "ms-hopper" });
  const ada = await joined(origin, secret, "ada");
  const grace = await joined(origin, secret, "grace");
  await ada.client.publishMessage({ userHandle: "grace", message: "on Monday" });
  await teacher.changePupil({ userId: ada.userId, isMuted: true });
  const monday = await classTag(origin);

  // A waiting fetch may not hold the end up. It ends as fetches end when a server stops: with a page.
  const waiting = grace.client.fetchQueue({ after: 1, wait: 60 });
  const { archive } = await teacher.endClass({ label: "9b, Monday" });
  const tuesday = await nextClass(origin, monday);
  assert.deepEqual((await waiting).messages, []);

  const newSecret = await secretIn(root);
  assert.notEqual(newSecret, secret);
  assert.ok(output().includes(newSecret), "the terminal shows the new class secret");
  assert.deepEqual((await teacher.listPupils()).pupils, []);
  const refused = await ada.client.fetchQueue().catch((error) => error);
  assert.equal(refused.status, 401, "nobody of Monday is known");
  assert.deepEqual(
    (await teacher.listArchives()).archives.map(({ endedAt, ...rest }) => rest),
    [{ archive, label: "9b, Monday", userCount: 3, messageCount: 1 }],
  );
  const karl = await joined(origin, newSecret, "ada");
  // Each folder has ids of its own. In a database, they go on over all classes.
  assert.equal(karl.userId, cluster === undefined ? 1 : 4);
  await assert.rejects(ada.client.fetchQueue(), { status: 401 });

  assert.equal((await teacher.listArchives()).label, undefined);
  const opened = await teacher.openArchive({ archive });
  assert.equal(opened.archive, archive);
  assert.equal(await nextClass(origin, tuesday), monday, "Monday's class is the same one as before");
  const [message] = (await grace.client.fetchQueue()).messages;
  assert.equal(message?.message, "on Monday");
  assert.equal(await secretIn(root), secret);
  const { pupils } = await teacher.listPupils();
  assert.deepEqual(
    pupils.map(({ userHandle, isMuted }) => [userHandle, isMuted]),
    [
      ["ada", true],
      ["grace", false],
    ],
  );
  const linus = await joined(origin, secret, "linus");
  assert.equal(linus.userId, cluster === undefined ? 4 : 5, "ids go on where they were");
  assert.deepEqual(
    (await teacher.listArchives()).archives.map(({ archive: name, userCount }) => [name, userCount]),
    [[opened.putAway, 1]],
  );
  assert.equal(await stop("SIGTERM"), 0);

  const again = await startClass(t, root);
  assert.equal((await again.teacher.listPupils()).pupils.length, 3, "after a restart, too");
  // The class is still called as before, although nobody says it again.
  assert.equal((await again.teacher.listArchives()).label, "9b, Monday");
  const second = await again.teacher.endClass();
  await nextClass(again.origin, monday);
  const { archives } = await again.teacher.listArchives();
  assert.deepEqual(
    archives.map(({ archive: name, label }) => [name, label]),
    [
      [opened.putAway, undefined],
      [second.archive, "9b, Monday"],
    ],
  );
});

test("what a stopped server was told to do, the next start does", async (t) => {
  const root = await temporaryFolder(t);
  const { teacher, origin, secret, stop, teacherKey } = await startClass(t, root);
  await joined(origin, secret, "ada");
  // The reply comes when it is decided. The process is killed before it has done anything.
  await teacher.endClass();
  await stop("SIGKILL");
  const again = await startClass(t, root);
  assert.equal(again.teacherKey, teacherKey, "the teacher's address stays");
  assert.deepEqual((await again.teacher.listPupils()).pupils, []);
  assert.equal((await again.teacher.listArchives()).archives[0]?.userCount, 1);
  if (cluster === undefined) assert.ok(!(await readdir(join(root, "archive"))).includes("next.json"));
});

test("what somebody does to archive/ by hand harms nobody", { skip: FILES_ONLY }, async (t) => {
  const root = await temporaryFolder(t);
  const first = await startClass(t, root);
  const ada = await joined(first.origin, first.secret, "ada");
  await first.stop("SIGTERM");
  // Copied by hand, without an about.json, with keys of its own; a damaged order; things that are no archives.
  await mkdir(join(root, "archive"));
  await cp(root, join(root, "..", "copy-of-class"), { recursive: true });
  await cp(join(root, "..", "copy-of-class"), join(root, "archive", "from-another-computer"), { recursive: true });
  await writeFile(join(root, "archive", "from-another-computer", "class", "keys.json"), "{}");
  await writeFile(join(root, "archive", "notes.txt"), "Monday was good");
  await mkdir(join(root, "archive", "empty"));
  const orders = ["{", "null", '{"open":"../.."}', '{"putAway":{"archive":"a/b"}}', '{"open":"gone"}'];
  // Nothing is put away first, so there is no place for this class.
  for (const order of [...orders, '{"open":"from-another-computer"}']) {
    await writeFile(join(root, "archive", "next.json"), order);
    const { teacher, stop } = await startClass(t, root);
    assert.equal((await teacher.listPupils()).pupils.length, 1, `${order}: ada is still there`);
    assert.deepEqual((await teacher.listArchives()).archives, [{ archive: "from-another-computer" }]);
    await stop("SIGTERM");
  }
  const { teacher, origin } = await startClass(t, root);
  const { putAway } = await teacher.openArchive({ archive: "from-another-computer" });
  // The copy has the same tag as the class from which it was copied.
  while ((await teacher.listArchives()).archives[0]?.archive !== putAway) await setTimeout(20);
  const back = new PlainchatClient(origin, { attempts: 20, credentials: { myId: 1, myAuth: ada.authToken } });
  assert.equal((await back.listUsers()).users.length, 1);
  assert.equal((await teacher.listPupils()).pupils.length, 1, "the teacher's key is the one of this server");
});

test("an export is a zip with tables and a page, without any token", async (t) => {
  const { app, teacher, ada, grace } = await startLesson(t);
  await app.publish(ada, grace, '=HYPERLINK("http://evil")\n<script>alert(1)</script>');
  const german = await app.register("Jürgen, “J”");
  await app.publish(german, ada, "grüße 😀");
  await teach(app, "POST /messages", { message: "to everybody" });
  for (const body of [
    { lesson: 1, passed: 2, total: 2 },
    { lesson: 2, case: "register-no-secret", passed: 3, total: 9 },
  ]) {
    await app.send({ method: "PATCH", path: "/api/v1/class/progress", user: ada.user, body });
  }
  const headers = { authorization: `Bearer ${TEACHER_KEY}` };
  const reply = await fetch(`${app.origin}/api/v1/class/export`, { headers });
  assert.equal(reply.headers.get("content-type"), "application/zip");
  assert.match(
    reply.headers.get("content-disposition") ?? "",
    /^attachment; filename="plainchat-\d{4}-\d\d-\d\d\.zip"$/,
  );
  const zip = Buffer.from(await reply.arrayBuffer());
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "class.zip"), zip);
  // Another program must be able to read it.
  execFileSync(
    "python3",
    ["-c", "import zipfile; z = zipfile.ZipFile('class.zip'); assert z.testzip() is None; z.extractall()"],
    {
      cwd: folder,
    },
  );
  const read = (name: string) => readFile(join(folder, name), "utf8");
  assert.equal(
    await read("people.csv"),
    `\ufeffuserId,userHandle,isTeacher\r\n1,ms-hopper,true\r\n2,ada,false\r\n3,grace,false\r\n4,"Jürgen, “J”",false\r\n`,
  );
  assert.match(
    await read("progress.csv"),
    /^\ufeffuserId,userHandle,lesson,passedAt,failingCase,passed,total,since\r\n2,ada,1,2\S+Z,,2,2,2\S+Z\r\n2,ada,2,,register-no-secret,3,9,2\S+Z\r\n$/,
  );
  const messages = await read("messages.csv");
  assert.match(messages, /^\ufeffmessageId,sentAt,editedAt,fromId,fromHandle,toId,toHandle,isToAll,message\r\n1,/);
  assert.ok(messages.includes(`2,ada,3,grace,false,"'=HYPERLINK(""http://evil"")\n<script>alert(1)</script>"\r\n`));
  assert.equal(messages.match(/to everybody/g)?.length, 3, "one for each pupil");
  const page = await read("class.html");
  assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.includes("<script"));
  assert.ok(page.includes("grüße 😀"));
  assert.equal(page.match(/to everybody/g)?.length, 1);
  assert.equal(page.match(/<bdi>ms-hopper<\/bdi> <mark>teacher<\/mark>/g)?.length, 2, "in the list and as a sender");
  assert.ok(page.includes("<bdi>ada</bdi>: passed lesson 1; in lesson 2, 3 of 9 cases pass</li>"));
  const secrets = [teacher, ada, grace, german].map(({ authToken }) => authToken).concat(app.secret);
  for (const secret of secrets) assert.ok(!zip.includes(secret));
});

test("an export of many messages has every one of them, once, in order", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const texts = Array.from({ length: 450 }, (_, i) => `number ${i + 1}`);
  for (let start = 0; start < texts.length; start += 50) {
    await Promise.all(texts.slice(start, start + 50).map((text) => app.publish(ada, grace, text)));
  }
  const reply = await new TeacherClient(app.origin, { teacherKey: TEACHER_KEY }).exportClass();
  const text = await reply.text();
  const table = text.slice(text.indexOf("messageId,sentAt"), text.indexOf("<!doctype"));
  const ids = [...table.matchAll(/^(\d+),\d{4}-/gm)].map(([, id]) => Number(id));
  assert.deepEqual(
    ids,
    texts.map((_, i) => i + 1),
  );
});

test("what cannot be done is refused at its step, and changes nothing", async (t) => {
  const { app, ada } = await startLesson(t);
  const wrong: [call: string, body: object, step: string, status: number][] = [
    ["POST /archives", { label: "" }, "archives.post.1.4", 400],
    ["POST /archives", { label: "a\u0000b" }, "archives.post.1.4", 400],
    ["POST /archives", { label: "x".repeat(65) }, "archives.post.1.4", 400],
    ["POST /archives", { label: "\u202e" }, "archives.post.1.4", 400],
    ["POST /archives", { label: " 9b" }, "archives.post.1.4", 400],
    ["POST /archives", { lable: "9b" }, "archives.post.1.5", 400],
    ["POST /open", {}, "open.post.1.4", 400],
    ["POST /open", { archive: 7 }, "open.post.1.5", 400],
    ["POST /open", { archive: "x", label: "\n" }, "open.post.1.6", 400],
    ["POST /open", { archive: "x", labl: "9b" }, "open.post.1.7", 400],
    ["POST /open", { archive: "2030-01-02T12-00-00Z" }, "open.post.5.1", 404],
  ];
  for (const name of ["..", ".", "../users", "next.json", "a/b", "a\\b", "%2e%2e", "C:", "\ud83d\ude00", "users/.."]) {
    wrong.push(["POST /open", { archive: name }, "open.post.5.1", 404]);
  }
  for (const [call, body, step, status] of wrong) {
    const { json, ...reply } = await teach(app, call, body);
    assert.deepEqual([json.step, reply.status], [step, status], JSON.stringify(body));
  }
  assert.deepEqual((await app.send({ path: "/api/v1/users", user: ada.user })).status, 200);
  assert.ok(!(await readdir(app.root)).includes("archive"));

  assert.equal((await teach(app, "POST /archives", {})).status, 200);
  for (const [call, body, step] of [
    ["POST /archives", {}, "archives.post.4"],
    ["POST /open", { archive: "2030" }, "open.post.4"],
  ] as const) {
    const { status, json } = await teach(app, call, body);
    assert.deepEqual([status, json.step], [409, step], "it is ending already");
  }
  const { status, json } = await app.send({
    method: "POST",
    path: "/api/v1/chat",
    user: ada.user,
    body: { userHandle: "grace", message: "late" },
  });
  // This server does not open its data again.
  if (app.database === undefined) assert.equal(json.messageId, 1, "what it accepts until then is in the archive");
  else assert.equal(status, 401, "in a database, ada is in the archive already");
});

test("a class without anybody does not end", async (t) => {
  const app = await startApp(t, { isClass: true });
  const empty = await teach(app, "POST /archives", {});
  assert.deepEqual([empty.status, empty.json.step], [409, "archives.post.5"]);
});

test("an archive that another program has open is not opened", { skip: FILES_ONLY }, async (t) => {
  const app = await startApp(t, { isClass: true });
  const other = new Paths(join(app.root, "archive", "used"));
  await mkdir(other.users, { recursive: true });
  const lock = new Lock(other.lock);
  t.after(() => lock.release());
  const { status, json } = await teach(app, "POST /open", { archive: "used" });
  assert.deepEqual([status, json.step], [409, "open.post.5.2"]);
});

test("a file that is called archive, or a folder that is called next.json, stops no start, and no class ends then", {
  skip: FILES_ONLY,
}, async (t) => {
  const elsewhere = await temporaryFolder(t);
  await mkdir(join(elsewhere, "archive", "next.json"), { recursive: true });
  const withFolder = await startClass(t, elsewhere);
  await joined(withFolder.origin, withFolder.secret, "ada");
  await assert.rejects(withFolder.teacher.endClass(), { status: 500 });
  assert.equal((await withFolder.teacher.listPupils()).pupils.length, 1);

  const root = await temporaryFolder(t);
  await writeFile(join(root, "archive"), "Monday was good");
  const { teacher, origin, secret } = await startClass(t, root);
  await joined(origin, secret, "ada");
  assert.deepEqual((await teacher.listArchives()).archives, []);
  await assert.rejects(teacher.endClass(), { status: 500 });
  assert.equal((await teacher.listPupils()).pupils.length, 1);
  assert.equal(await readFile(join(root, "archive"), "utf8"), "Monday was good");
});
