/**
 * Tests what the teacher decides about messages: who may write, who gets a message to all, and which message goes.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FILES_ONLY, keptNames, keptText, removeKept } from "../../testing/kept.ts";
import { becomeTeacher, say, startLesson, teach } from "../../testing/lesson.ts";
import { listen } from "../../testing/listen.ts";
import { type Person, type RunningApp, startApp, TEACHER_KEY } from "../../testing/start-app.ts";

const edit = (app: RunningApp, { user }: Person, messageId: number) =>
  app.send({ method: "PATCH", path: "/api/v1/chat", user, body: { messageId, message: "edited" } });

const fetched = async (app: RunningApp, { user }: Person, query = "") =>
  (await app.send({ path: `/api/v1/chat${query}`, user })).json.messages as unknown as Record<string, unknown>[];

test("while the class is paused, only the teacher can send and edit, also after a restart", async (t) => {
  const { app, teacher, ada, grace } = await startLesson(t);
  const messageId = await app.publish(ada, grace, "before");
  const ofTeacher = await app.publish(teacher, ada, "from the teacher");
  const paused = await teach(app, "PATCH ", { isPaused: true });
  assert.deepEqual(paused.json, { isPaused: true, showsTexts: false });
  assert.notEqual(await keptText(app, "class/paused.json"), undefined);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  for (const [reply, step] of [
    [await say(again, ada, grace), "chat.post.3.2"],
    [await edit(again, ada, messageId), "chat.patch.3.2"],
  ] as const) {
    assert.deepEqual([reply.status, reply.json.step, reply.json.field], [403, step, undefined]);
    assert.match(reply.json.detail, /^The teacher has paused the class\./);
  }
  assert.equal((await say(again, teacher, ada)).status, 200);
  assert.equal((await edit(again, teacher, ofTeacher)).status, 200);
  assert.equal((await fetched(again, grace)).length, 1, "reading goes on");
  const removed = await again.send({ method: "DELETE", path: "/api/v1/chat", user: ada.user, body: { messageId } });
  assert.equal(removed.status, 200, "so does taking back");
  await teach(again, "PATCH ", { isPaused: false });
  assert.equal(await keptText(again, "class/paused.json"), undefined);
  assert.equal((await say(again, ada, grace)).status, 200);
});

test("a muted pupil cannot send and edit, and all others can", async (t) => {
  const { app, teacher, ada, grace } = await startLesson(t);
  const messageId = await app.publish(ada, grace, "before");
  const muted = await teach(app, "PATCH /pupils", { userId: ada.userId, isMuted: true });
  assert.deepEqual(muted.json, { userId: 2, userHandle: "ada", isMuted: true, isHidden: false, isHandUp: false });
  assert.deepEqual(await keptNames(app, "class/muted"), ["2.json"]);
  for (const [reply, step] of [
    [await say(app, ada, grace), "chat.post.3.2"],
    [await edit(app, ada, messageId), "chat.patch.3.2"],
  ] as const) {
    assert.deepEqual([reply.status, reply.json.step], [403, step]);
    assert.match(reply.json.detail, /^The teacher has muted you\./);
  }
  assert.equal((await say(app, grace, ada)).status, 200);
  await teach(app, "PATCH /pupils", { userId: teacher.userId, isMuted: true });
  assert.equal((await say(app, teacher, ada)).status, 200, "the teacher cannot lock themselves out");
  await removeKept(app, "class/muted/2.json");
  for (let tries = 0; (await say(app, ada, grace)).status !== 200; tries++) assert.ok(tries < 5_000);
});

test("a wrong token comes before the pause: nobody learns anything about others", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await teach(app, "PATCH ", { isPaused: true });
  const reply = await say(app, { ...ada, user: `${ada.userId}:${grace.authToken}` }, grace);
  assert.equal(reply.json.step, "chat.post.3.1");
});

test("a retry of a message to all with the same key reaches nobody twice, also after a restart", async (t) => {
  const lesson = await startLesson(t);
  const { ada, grace, teacher } = lesson;
  let { app } = lesson;
  const write = (message: string, key: string | undefined) =>
    app.send({
      method: "POST",
      path: "/api/v1/class/messages",
      headers: { authorization: `Bearer ${TEACHER_KEY}`, ...(key !== undefined && { "idempotency-key": key }) },
      body: { message },
    });
  const counts = async () => [(await fetched(app, ada)).length, (await fetched(app, grace)).length];
  const [one, same] = await Promise.all([write("first", "key"), write("first", "key")]);
  assert.deepEqual([one?.json, same?.json], [{ recipients: 2 }, { recipients: 2 }]);
  assert.deepEqual(await counts(), [1, 1]);
  await app.stop();
  app = await startApp(t, { isClass: true, root: app.root });
  await app.register("late");
  assert.deepEqual((await write("first", "key")).json, { recipients: 3 });
  assert.deepEqual(await counts(), [1, 1]);
  const other = await write("second", "key");
  assert.deepEqual([other.status, other.json.step], [422, "messages.post.5.1"]);
  const wrong = await write("second", "k y");
  assert.deepEqual([wrong.status, wrong.json.step], [400, "messages.post.1.6"]);
  // The teacher's own key for one message is another one.
  const body = { userHandle: "ada", message: "first" };
  const headers = { "idempotency-key": "key" };
  assert.equal(
    (await app.send({ method: "POST", path: "/api/v1/chat", user: teacher.user, headers, body })).status,
    200,
  );
  assert.deepEqual(await counts(), [2, 1]);
  for (let i = 0; i < 2; i++) assert.equal((await write("without", undefined)).status, 200);
  assert.deepEqual(await counts(), [4, 3]);
});

test("a message to all is one message for each pupil, marked in pages, streams and after an edit", async (t) => {
  const { app, teacher, ada, grace } = await startLesson(t);
  const stream = await listen(t, app.origin, ada);
  const { status, json } = await teach(app, "POST /messages", { message: "Look at the wall, please." });
  assert.deepEqual([status, json], [200, { recipients: 2 }]);
  const [forAda, ...noMore] = await fetched(app, ada);
  const [forGrace] = await fetched(app, grace);
  assert.equal(noMore.length, 0);
  assert.notEqual(forAda?.messageId, forGrace?.messageId);
  const marks = { isTeacher: true, isToAll: true };
  for (const each of [forAda, forGrace]) assert.deepEqual({ ...each, ...marks }, each);
  assert.equal((await fetched(app, teacher, "?box=sent")).length, 2);
  assert.equal((await fetched(app, teacher)).length, 0);
  await edit(app, teacher, Number(forAda?.messageId));
  await stream.until(() => stream.events.filter(({ type }) => type !== "class").length === 2);
  const heard = stream.events.filter(({ type }) => type !== "class").map(({ type, data }) => ({ type, data }));
  const [edited] = await fetched(app, ada);
  assert.deepEqual(heard, [
    { type: "message", data: forAda },
    { type: "edit", data: edited },
  ]);
  assert.deepEqual({ ...edited, ...marks }, edited);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(await fetched(again, ada), [edited]);
});

test("only messages of the teacher are marked, and a new teacher's marks do not go to the old one's", async (t) => {
  const { app, teacher, ada, grace } = await startLesson(t);
  await app.publish(ada, grace, "from ada");
  await app.publish(teacher, grace, "from the teacher");
  await teach(app, "DELETE /pupils", { userId: teacher.userId });
  const next = await becomeTeacher(app, "mr-turing");
  await app.publish(next, grace, "from the next");
  const marked = (await fetched(app, grace)).map(({ message, isTeacher, isToAll }) => [message, isTeacher, isToAll]);
  assert.deepEqual(marked, [
    ["from ada", undefined, undefined],
    ["from the teacher", true, undefined],
    ["from the next", true, undefined],
  ]);
});

test("a message that the teacher takes down is gone for both, and their streams hear it", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const messageId = await app.publish(ada, grace, "an insult");
  const streams = [
    await listen(t, app.origin, { ...ada, query: "?box=sent" }),
    await listen(t, app.origin, { ...grace, query: "?box=received" }),
  ];
  const { status, json } = await teach(app, "DELETE /messages", { messageId });
  assert.deepEqual([status, json], [200, { messageId }]);
  for (const stream of streams) {
    await stream.until(() => stream.events.some(({ type }) => type === "delete"));
    const [heard] = stream.events.filter(({ type }) => type === "delete");
    assert.deepEqual(heard?.data, { messageId, fromId: ada.userId, toId: grace.userId });
  }
  assert.deepEqual(await fetched(app, grace), []);
  assert.deepEqual(await fetched(app, ada, "?box=sent"), []);
  assert.equal((await teach(app, "DELETE /messages", { messageId })).status, 404);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(await fetched(again, grace), []);
});

test("what is decided by a file that somebody makes by hand counts, too", { skip: FILES_ONLY }, async (t) => {
  const { app, ada, grace } = await startLesson(t);
  writeFileSync(join(app.root, "class", "paused.json"), "");
  for (let tries = 0; (await say(app, ada, grace)).status !== 403; tries++) assert.ok(tries < 5_000);
});
