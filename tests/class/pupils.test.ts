/**
 * Tests what the teacher sees of the pupils, and does with one of them: hide, rename, remove. And hands, which pupils
 * raise themselves.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { handleCount, keptNames, keptText } from "../../testing/kept.ts";
import { say, startLesson, teach } from "../../testing/lesson.ts";
import { listen } from "../../testing/listen.ts";
import { type Person, type RunningApp, startApp } from "../../testing/start-app.ts";

const pupilsOf = async (app: RunningApp) => (await teach(app, "GET /pupils")).json.pupils;
const raise = (app: RunningApp, { user }: Person, isUp: boolean) =>
  app.send({ method: "PATCH", path: "/api/v1/class/hand", user, body: { isUp } });
const handleFile = (handle: string) => `users/${createHash("sha256").update(handle).digest("hex")}.dat`;

test("the teacher sees each pupil: here or away, and the last request with its step", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const stream = await listen(t, app.origin, grace);
  const path = "/api/v1/chat";
  await app.send({ method: "POST", path, user: ada.user, body: { userHandle: "grace", mesage: "hi" } });
  const [first, second] = await pupilsOf(app);
  const { at: _, reason, ...last } = Object(first?.last) as Record<string, string>;
  assert.deepEqual(last, { operation: "chat.post", status: 400, step: "chat.post.1.8" });
  assert.match(String(reason), /^`message` is missing\./);
  assert.deepEqual(first, {
    ...{ userId: 2, userHandle: "ada", isHere: false, isMuted: false, isHidden: false, isHandUp: false },
    ...{ last: first?.last, refused: first?.last, lessonsPassed: [] },
  });
  assert.equal(second?.isHere, true);
  stream.close();
  for (let tries = 0; (await pupilsOf(app))[1]?.isHere !== false; tries++) assert.ok(tries < 5_000);
});

test("a pupil is stuck until three requests in a row went well", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const stuck = async () => (await pupilsOf(app))[0];
  const nobody = { ...grace, userHandle: "nobody" };
  await say(app, ada, nobody);
  const first = await stuck();
  assert.ok(first?.refused !== undefined);
  assert.equal(first.stuckSince, undefined, "everybody makes one mistake");
  await say(app, ada, nobody);
  const since = (await stuck())?.stuckSince;
  assert.equal(since, Object(first.refused).at);
  await say(app, ada, grace);
  await say(app, ada, nobody);
  assert.equal((await stuck())?.stuckSince, since, "one good request between is not enough");
  for (let i = 0; i < 2; i++) await say(app, ada, grace);
  assert.equal((await stuck())?.stuckSince, since);
  await say(app, ada, grace);
  assert.deepEqual(
    Object.keys((await stuck()) ?? {}).filter((name) => ["refused", "stuckSince"].includes(name)),
    [],
  );
});

test("what a page asks by itself is neither the last request nor a sign that a pupil is no longer stuck", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await say(app, ada, { ...grace, userHandle: "nobody" });
  const [before] = await pupilsOf(app);
  for (const explain of ["background", "1, background", "background", "background"]) {
    await app.send({ method: "GET", path: "/api/v1/users", user: ada.user, headers: { explain } });
  }
  assert.deepEqual((await pupilsOf(app))[0], before);
});

test("somebody who claims to be a pupil without the token changes nothing in the list", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await say(app, { ...ada, user: `${ada.userId}:${grace.authToken}` }, grace);
  assert.ok((await pupilsOf(app)).every(({ last }) => last === undefined));
});

test("a hand goes up and down, by the pupil and by the teacher, and is still up after a restart", async (t) => {
  const { app, ada } = await startLesson(t);
  assert.deepEqual((await raise(app, ada, true)).json, { userId: ada.userId, isUp: true });
  assert.deepEqual((await raise(app, ada, true)).json, { userId: ada.userId, isUp: true });
  assert.deepEqual(await keptNames(app, "class/hands"), [`${ada.userId}.json`]);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(
    (await pupilsOf(again)).map(({ isHandUp }) => isHandUp),
    [true, false],
  );
  await teach(again, "PATCH /pupils", { userId: ada.userId, isHandUp: false });
  assert.deepEqual(
    (await pupilsOf(again)).map(({ isHandUp }) => isHandUp),
    [false, false],
  );
  await raise(again, ada, true);
  await raise(again, ada, false);
  assert.deepEqual(await keptNames(app, "class/hands"), []);
});

test("a hidden pupil is marked for the projector, and can do everything", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await teach(app, "PATCH /pupils", { userId: ada.userId, isHidden: true });
  const { users } = (await app.send({ path: "/api/v1/class" })).json;
  assert.deepEqual(users[1], { userId: ada.userId, userHandle: "ada", isHidden: true });
  assert.equal((await say(app, ada, grace)).status, 200);
});

test("a renamed pupil keeps token and queue, and the old handle is free", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await app.publish(grace, ada, "hi");
  const taken = await teach(app, "PATCH /pupils", { userId: ada.userId, userHandle: "grace", isMuted: true });
  assert.deepEqual([taken.status, taken.json.step], [409, "pupils.patch.5.1"]);
  assert.equal((await pupilsOf(app))[0]?.isMuted, false, "a refused call changes nothing");
  const renamed = await teach(app, "PATCH /pupils", { userId: ada.userId, userHandle: "lovelace" });
  assert.equal(renamed.json.userHandle, "lovelace");
  assert.equal(await keptText(app, handleFile("ada")), undefined);
  assert.equal(await keptText(app, handleFile("lovelace")), String(ada.userId));
  const same = await teach(app, "PATCH /pupils", { userId: ada.userId, userHandle: "lovelace" });
  assert.equal(same.status, 200);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  const { messages } = (await again.send({ path: "/api/v1/chat", user: ada.user })).json;
  assert.equal(messages.length, 1);
  assert.equal((await again.register("ada")).userHandle, "ada");
  const { status } = await again.send({ path: "/api/v1/register?userHandle=lovelace", user: grace.user });
  assert.equal(status, 200);
});

test("a removed pupil is out at once, and nothing about the pupil stays in the folder of the class", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const stream = await listen(t, app.origin, ada);
  await app.publish(ada, grace, "stays");
  await app.publish(grace, ada, "goes");
  await teach(app, "PATCH /pupils", { userId: ada.userId, isMuted: true, isHidden: true, isHandUp: true });
  await teach(app, "POST /codes", { userId: ada.userId });
  const { status, json } = await teach(app, "DELETE /pupils", { userId: ada.userId });
  assert.deepEqual([status, json], [200, { userId: ada.userId }]);
  assert.equal(await stream.ended, true);
  assert.equal((await say(app, ada, grace)).status, 401);
  for (const about of ["muted", "hidden", "hands", "codes"]) {
    assert.deepEqual(await keptNames(app, `class/${about}`), []);
  }
  assert.deepEqual(
    (await pupilsOf(app)).map(({ userHandle }) => userHandle),
    ["grace"],
  );
  const { messages } = (await app.send({ path: "/api/v1/chat", user: grace.user })).json;
  assert.deepEqual(
    messages.map(({ message }) => message),
    ["stays"],
  );
  assert.equal((await teach(app, "DELETE /pupils", { userId: ada.userId })).status, 404);
  await app.register("ada");
});

test("changes of one pupil at the same time leave a handle that belongs to the pupil", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      i % 2 === 0
        ? teach(app, "PATCH /pupils", { userId: ada.userId, userHandle: `ada ${i}` })
        : app.send({ method: "PATCH", path: "/api/v1/register", user: ada.user, body: { userHandle: `ada ${i}` } }),
    ),
  );
  const [{ userHandle } = {}] = await pupilsOf(app);
  const reply = await app.send({
    path: `/api/v1/register?userHandle=${encodeURIComponent(String(userHandle))}`,
    user: grace.user,
  });
  assert.equal(reply.json.userId, ada.userId);
  assert.equal(await handleCount(app), 3);
});
