/**
 * Tests that the teacher is a user whom the server knows as such, also after a restart and on another computer.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FILES_ONLY, keptText } from "../../testing/kept.ts";
import { becomeTeacher, startLesson, teach } from "../../testing/lesson.ts";
import { startApp } from "../../testing/start-app.ts";

const TEACHER_FILE = "class/teacher.dat";

test("the teacher is a user: everybody sees who it is, in every list", async (t) => {
  const { app, teacher, ada } = await startLesson(t);
  assert.equal(await keptText(app, TEACHER_FILE), String(teacher.userId));
  const { users } = (await app.send({ path: "/api/v1/users", user: ada.user })).json;
  assert.deepEqual(users, [
    { userId: 1, userHandle: "ms-hopper", isTeacher: true },
    { userId: 2, userHandle: "ada" },
    { userId: 3, userHandle: "grace" },
  ]);
  const shown = (await app.send({ path: "/api/v1/class" })).json.users;
  assert.deepEqual(shown, users);
});

test("two pages that become the teacher at once get the same user, whatever handles they ask for", async (t) => {
  const app = await startApp(t, { isClass: true });
  const handles = ["ms-hopper", "ms-hopper", "mr-turing", "somebody"];
  const teachers = await Promise.all(handles.map((handle) => becomeTeacher(app, handle)));
  for (const each of teachers) assert.deepEqual(each, teachers[0]);
  assert.equal((await app.store.figures()).users, 1);
});

test("the teacher comes back after a restart, on another computer, and under another handle", async (t) => {
  const { app, teacher } = await startLesson(t);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(await becomeTeacher(again, "somebody"), teacher);
  await again.send({ method: "PATCH", path: "/api/v1/register", user: teacher.user, body: { userHandle: "ms-grace" } });
  assert.equal((await becomeTeacher(again)).userHandle, "ms-grace");
});

test("a teacher who leaves is no teacher any more, and the next one is a new user", async (t) => {
  const { app, teacher, ada } = await startLesson(t);
  await app.send({ method: "DELETE", path: "/api/v1/register", user: teacher.user });
  const nobody = await teach(app, "POST /messages", { message: "hello" });
  assert.deepEqual([nobody.status, nobody.json.step], [409, "messages.post.4.1"]);
  const newcomer = await app.register("newcomer");
  const { users } = (await app.send({ path: "/api/v1/users", user: ada.user })).json;
  assert.ok(
    users.every((user) => !("isTeacher" in user)),
    "an id is never given out again",
  );
  const next = await becomeTeacher(app);
  assert.ok(next.userId > newcomer.userId);
  assert.equal(next.userHandle, "ms-hopper");
  assert.equal(await keptText(app, TEACHER_FILE), String(next.userId));
});

test("a handle that somebody has is a 409, and leaves no half user behind", async (t) => {
  const app = await startApp(t, { isClass: true });
  await app.register("ms-hopper");
  const { status, json } = await teach(app, "POST /teacher", { userHandle: "ms-hopper" });
  assert.deepEqual([status, json.step], [409, "teacher.post.7.1"]);
  assert.equal(await keptText(app, TEACHER_FILE), undefined);
  assert.equal((await app.store.figures()).users, 1);
  assert.equal((await becomeTeacher(app, "ms-grace")).userHandle, "ms-grace");
});

test("a teacher who could not be written down has not taken the handle", { skip: FILES_ONLY }, async (t) => {
  const app = await startApp(t, { isClass: true });
  // A folder with something in it cannot be replaced by a file.
  const inTheWay = join(app.root, "class", "teacher.dat");
  mkdirSync(join(inTheWay, "folder"), { recursive: true });
  const { status, json } = await teach(app, "POST /teacher", { userHandle: "ms-hopper" });
  assert.deepEqual([status, json.step], [500, "teacher.post.6"]);
  rmSync(inTheWay, { recursive: true });
  assert.equal((await becomeTeacher(app)).userHandle, "ms-hopper");
});

test("a crash at any moment of becoming the teacher leaves the handle to the teacher, or free", {
  skip: FILES_ONLY,
}, async (t) => {
  const { app, teacher } = await startLesson(t);
  const handleFile = join(app.root, "users", `${createHash("sha256").update("ms-hopper").digest("hex")}.dat`);
  await app.stop();
  // Killed after class/teacher.dat was written.
  rmSync(handleFile);
  const second = await startApp(t, { isClass: true, root: app.root });
  const body = { secret: second.secret, userHandle: "ms-hopper" };
  assert.equal((await second.send({ method: "POST", path: "/api/v1/register", body })).status, 409);
  assert.deepEqual(await becomeTeacher(second), teacher);
  assert.equal(readFileSync(handleFile, "utf8"), String(teacher.userId));
  await second.stop();
  // A file that names somebody with another handle does not count.
  writeFileSync(handleFile, "2");
  const third = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(await becomeTeacher(third, "ms-grace"), teacher);
});

test("without class mode nobody is the teacher, but what the teacher wrote stays marked", async (t) => {
  const { app, teacher, ada } = await startLesson(t);
  await app.publish(teacher, ada, "hello");
  await app.stop();
  const plain = await startApp(t, { root: app.root });
  const { messages } = (await plain.send({ path: "/api/v1/chat", user: ada.user })).json;
  assert.deepEqual(
    messages.map((each) => Object.hasOwn(each, "isTeacher")),
    [true],
  );
  const { users } = (await plain.send({ path: "/api/v1/users", user: ada.user })).json;
  assert.ok(users.every((user) => !("isTeacher" in user)));
});

test("nobody can choose a handle that looks like the teacher's, and others that look alike are marked", async (t) => {
  const { app, teacher, ada, grace } = await startLesson(t);
  const { secret } = app;
  const looks = ["ms-hopper", "Ms-Hopper", "ms-hорper", "ms\u2010hopper", "rns-hopper"];
  const spellings = ["Ms Hopper", "ms_hopper.", "MSHOPPER", "“Ms. Hopper!”"];
  for (const userHandle of [...looks, ...spellings]) {
    const body = { secret, userHandle };
    const registered = await app.send({ method: "POST", path: "/api/v1/register", body });
    assert.deepEqual([registered.status, registered.json.step], [409, "register.post.3.1"], userHandle);
    assert.equal(registered.json.detail, "This handle looks like the teacher's. Choose another one.");
    const renamed = await app.send({ method: "PATCH", path: "/api/v1/register", user: ada.user, body: { userHandle } });
    assert.equal(renamed.json.step, "register.patch.3.2");
    const byTeacher = await teach(app, "PATCH /pupils", { userId: ada.userId, userHandle });
    assert.equal(byTeacher.json.step, "pupils.patch.4.3");
  }
  const own = await app.send({
    method: "PATCH",
    path: "/api/v1/register",
    user: teacher.user,
    body: { userHandle: "Ms-Hopper" },
  });
  assert.equal(own.status, 200);
  const other = await app.register("аda");
  const marks = [
    [1, undefined],
    [ada.userId, [other.userId]],
    [grace.userId, undefined],
    [other.userId, [ada.userId]],
  ];
  for (const request of [{ path: "/api/v1/users", user: ada.user }, { path: "/api/v1/class" }]) {
    const users = (await app.send(request)).json.users as { userId: number; looksLike?: number[] }[];
    assert.deepEqual(
      users.map(({ userId, looksLike }) => [userId, looksLike]),
      marks,
    );
  }
});
