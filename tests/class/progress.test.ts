/**
 * Tests what a pupil's check reports: that it is kept, that the pupil and the teacher can read
 * it and nobody else, and that it goes with the pupil.
 */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { keptNames, keptStamp, keptText } from "../../testing/kept.ts";
import { startLesson, teach } from "../../testing/lesson.ts";
import type { Reply } from "../../testing/request.ts";
import { type Person, type RunningApp, startApp, TEACHER_KEY } from "../../testing/start-app.ts";

const path = "/api/v1/class/progress";
const STUCK = { lesson: 3, case: "register-no-secret", passed: 2, total: 13 };
const PASSED = { lesson: 3, passed: 13, total: 13 };

const report = (app: RunningApp, { user }: Person, body: object) => app.send({ method: "PATCH", path, user, body });
const own = async (app: RunningApp, { user }: Person) => (await app.send({ path, user })).json as unknown as object;
const kept = (reply: Reply) => reply.json as unknown as Record<string, unknown>;
const fileOf = ({ userId }: Person) => `class/progress/${userId}.json`;

test("a report is kept, for the pupil and in the teacher's list, also after a restart", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  assert.deepEqual(await own(app, ada), { lessons: [] });
  const first = await report(app, ada, STUCK);
  const { since, ...said } = kept(first);
  assert.deepEqual([first.status, said], [200, STUCK]);
  assert.match(String(since), /^\d{4}-.*Z$/);
  await report(app, ada, { lesson: 2, passed: 2, total: 2 });
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  const { lesson, lessons } = kept(await again.send({ path, user: ada.user }));
  assert.equal(lesson, 2);
  const [two, three] = lessons as Record<string, unknown>[];
  assert.deepEqual(three, kept(first));
  assert.deepEqual(two, { lesson: 2, passed: 2, total: 2, since: two?.since, passedAt: two?.since });
  const pupils = (await teach(again, "GET /pupils")).json.pupils;
  assert.deepEqual(pupils[0]?.progress, two);
  assert.deepEqual(pupils[0]?.lessonsPassed, [2]);
  assert.equal("progress" in Object(pupils[1]), false);
  assert.deepEqual(pupils[1]?.lessonsPassed, []);
  assert.deepEqual(await own(again, grace), { lessons: [] });
  if (process.platform !== "win32" && again.database === undefined) {
    assert.equal(statSync(join(again.root, fileOf(ada))).mode & 0o777, 0o600);
  }
});

test("what is the same as before is not written again", async (t) => {
  const { app, ada } = await startLesson(t);
  const first = await report(app, ada, STUCK);
  const written = await keptStamp(app, fileOf(ada));
  const replies = await Promise.all(Array.from({ length: 20 }, () => report(app, ada, STUCK)));
  for (const reply of replies) assert.equal(reply.text, first.text);
  assert.equal(await keptStamp(app, fileOf(ada)), written);
  await report(app, ada, { ...STUCK, passed: 3 });
  assert.notEqual(await keptStamp(app, fileOf(ada)), written);
});

test("a pupil who reports in a loop fills neither the file nor the teacher's list", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await app.send({ path: `/api/v1/register?userHandle=nobody`, user: ada.user });
  const [before] = (await teach(app, "GET /pupils")).json.pupils;
  for (let i = 0; i < 60; i++) {
    const body = { lesson: 1 + (i % 14), case: `${"long-".repeat(12)}${i % 7}`, passed: i, total: 500 };
    assert.equal((await report(app, ada, body)).status, 200);
  }
  const file = (await keptText(app, fileOf(ada))) ?? "";
  assert.ok(file !== "" && Buffer.byteLength(file) < 4096, "explain can still show it whole");
  const [after] = (await teach(app, "GET /pupils")).json.pupils;
  assert.deepEqual([after?.last, after?.stuckSince], [before?.last, before?.stuckSince]);
  assert.deepEqual(await own(app, grace), { lessons: [] });
});

test("reports of one pupil at the same time are all kept", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const lessons = Array.from({ length: 14 }, (_, i) => ({ lesson: i + 1, passed: 1, total: 1 }));
  await Promise.all(lessons.flatMap((body) => [report(app, ada, body), report(app, grace, body)]));
  for (const { lessonsPassed } of (await teach(app, "GET /pupils")).json.pupils) {
    assert.deepEqual(
      lessonsPassed,
      lessons.map(({ lesson }) => lesson),
    );
  }
});

test("nothing about the course stays of a pupil who leaves or is removed, also one who reports at that moment", async (t) => {
  const { app, ada, grace, teacher } = await startLesson(t);
  for (const each of [ada, grace, teacher]) await report(app, each, STUCK);
  const [, reported] = await Promise.all([
    teach(app, "DELETE /pupils", { userId: grace.userId }),
    report(app, grace, { ...STUCK, passed: 3 }),
    app.send({ method: "DELETE", path: "/api/v1/register", user: ada.user }),
    report(app, ada, { ...STUCK, passed: 3 }),
  ]);
  assert.ok([200, 401].includes(reported?.status ?? 0));
  assert.deepEqual(await keptNames(app, "class/progress"), [`${teacher.userId}.json`]);
});

test("a pupil who leaves while the server is not in class mode is forgotten at its next start", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  for (const each of [ada, grace]) await report(app, each, STUCK);
  await app.stop();
  const plain = await startApp(t, { root: app.root });
  await plain.send({ method: "DELETE", path: "/api/v1/register", user: ada.user });
  assert.notEqual(await keptText(app, fileOf(ada)), undefined);
  await plain.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(await keptNames(again, "class/progress"), [`${grace.userId}.json`]);
});

test("explain names the file, and only the teacher sees in it how far the pupil is, also while texts are shown", async (t) => {
  const { app, ada } = await startLesson(t);
  // It has the shape of an id.
  const insult = "somebody-is-a-fool";
  const body = { ...STUCK, case: insult };
  const headers = { explain: "1" };
  const traces: string[] = [];
  for (const request of [
    { method: "PATCH", path, user: ada.user, body, headers },
    { path, user: ada.user, headers },
  ]) {
    const { headers: told } = await app.send(request);
    traces.push(/<(.*)>/.exec(String(told.link))?.[1] ?? assert.fail());
  }
  const mustShowNothing = async (address: string) => {
    const { text } = await app.send({ path: address });
    assert.match(text, new RegExp(`"path":"class/progress/${ada.userId}.json"`));
    assert.doesNotMatch(text, /somebody-is-a-fool|"value":(3|13)\b|total\\":/);
    const teacher = await app.send({ path: address, headers: { authorization: `Bearer ${TEACHER_KEY}` } });
    assert.match(teacher.text, /somebody-is-a-fool.*total\\":13/);
  };
  for (const showsTexts of [false, true]) {
    await teach(app, "PATCH ", { showsTexts });
    for (const address of traces) await mustShowNothing(address);
  }
  assert.ok((await keptText(app, fileOf(ada)))?.includes(insult));
});

test("wrong reports are refused at their steps, and change nothing", async (t) => {
  const { app, ada } = await startLesson(t);
  await report(app, ada, STUCK);
  const before = await own(app, ada);
  const id = ada.userId;
  const me = { myId: id, myAuth: ada.authToken };
  const wrong: [body: unknown, step: string, detail: RegExp][] = [
    ["{", "progress.patch.1.1", /not JSON/],
    [{ ...STUCK, myAuth: me.myAuth }, "progress.patch.1.2", /^`myId` is missing/],
    [{ ...STUCK, ...me, myId: "2" }, "progress.patch.1.3", /^`myId` must be an integer/],
    [{ ...STUCK, myId: id }, "progress.patch.1.4", /^`myAuth` is missing/],
    [{ ...STUCK, ...me, myAuth: "short" }, "progress.patch.1.5", /^`myAuth` must be 12/],
    [{ ...me, ...STUCK, lesson: undefined }, "progress.patch.1.6", /^`lesson` is missing/],
    [{ ...me, ...STUCK, lesson: 15 }, "progress.patch.1.7", /^`lesson` must be an integer, from 1 to 14/],
    [{ ...me, ...STUCK, lesson: 0 }, "progress.patch.1.7", /from 1 to 14/],
    ...["", "x".repeat(65), 5, null, "You are stupid", "ms_hopper", "-a", "a-", "a--b", "a.-b", "a\n", "É", "<b>"].map(
      (each): [unknown, string, RegExp] => [{ ...me, ...STUCK, case: each }, "progress.patch.1.8", /^`case` must be/],
    ),
    [{ ...me, ...STUCK, passed: undefined }, "progress.patch.1.9", /^`passed` is missing/],
    [{ ...me, ...STUCK, passed: -1 }, "progress.patch.1.10", /^`passed` must be an integer, from 0 to 500/],
    [{ ...me, ...STUCK, total: undefined }, "progress.patch.1.11", /^`total` is missing/],
    [{ ...me, ...STUCK, total: 501 }, "progress.patch.1.12", /^`total` must be an integer, from 1 to 500/],
    [{ ...me, ...PASSED, cases: "x" }, "progress.patch.1.13", /Did you mean `case`\?/],
    [{ ...me, ...STUCK, passed: 14 }, "progress.patch.1.14", /^`passed` must not be greater than `total`/],
    [{ ...me, ...STUCK, passed: 13 }, "progress.patch.1.14", /^If a case failed/],
    [{ ...me, ...PASSED, passed: 12 }, "progress.patch.1.14", /^If not all cases passed/],
    [{ ...me, ...STUCK, myId: 77 }, "progress.patch.2.1", /^No user has this `myId`/],
    [{ ...me, ...STUCK, myAuth: TEACHER_KEY }, "progress.patch.3.1", /^`myAuth` is not the token/],
  ];
  for (const [body, step, detail] of wrong) {
    const { json } = await app.send({ method: "PATCH", path, body: body as object });
    assert.equal(json.step, step, JSON.stringify([body, json]));
    assert.match(json.detail, detail);
  }
  for (const [body, step] of [
    ["{", "progress.get.1.1"],
    [{ myAuth: me.myAuth }, "progress.get.1.2"],
    [{ ...me, myId: "2" }, "progress.get.1.3"],
    [{ myId: id }, "progress.get.1.4"],
    [{ ...me, myAuth: "short" }, "progress.get.1.5"],
    [{ ...me, myId: 77 }, "progress.get.2.1"],
    [{ ...me, myAuth: TEACHER_KEY }, "progress.get.3.1"],
  ] as const) {
    assert.equal((await app.send({ path, body })).json.step, step);
  }
  for (const method of ["GET", "PATCH"]) {
    const { status } = await app.send({
      method,
      path,
      headers: { authorization: `Bearer ${TEACHER_KEY}` },
      body: STUCK,
    });
    assert.equal(status, 400, "the teacher's key does not open it");
  }
  assert.deepEqual(await own(app, ada), before);
});

test("without class mode there is no progress", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const replies = [await report(app, ada, STUCK), await app.send({ path, user: ada.user })];
  assert.deepEqual(
    replies.map(({ status, json }) => [status, json.step]),
    [
      [404, "progress.patch.3.2"],
      [404, "progress.get.3.2"],
    ],
  );
  assert.ok(!existsSync(join(app.root, "class")));
});
