/**
 * Tests rejoin codes: each counts once, for ten minutes, and after five wrong tries no longer.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptNames, keptText } from "../../testing/kept.ts";
import { say, startLesson, teach } from "../../testing/lesson.ts";
import { listen } from "../../testing/listen.ts";
import { type RunningApp, startApp } from "../../testing/start-app.ts";

const TEN_MINUTES = 10 * 60 * 1000;

const rejoin = (app: RunningApp, rejoinCode: string, userHandle = "ada") =>
  app.send({ method: "POST", path: "/api/v1/class/rejoin", body: { userHandle, rejoinCode } });
const makeCode = async (app: RunningApp, userId: number) => (await teach(app, "POST /codes", { userId })).json.code;
const another = (code: string) => (code === "AAAAAA" ? "BBBBBB" : "AAAAAA");

test("a pupil gets a new token for a code, in capital or small letters, and the old token ends", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const stream = await listen(t, app.origin, ada);
  const made = await teach(app, "POST /codes", { userId: ada.userId });
  assert.deepEqual(
    { ...made.json, code: "", validUntil: "" },
    { userId: 2, userHandle: "ada", code: "", validUntil: "" },
  );
  assert.match(made.json.code, /^[2-9A-HJ-NP-Z]{6}$/);
  const kept = (await keptText(app, "class/codes/2.json")) ?? assert.fail();
  assert.ok(!kept.includes(made.json.code), "only its hash is kept");
  const { status, json } = await rejoin(app, made.json.code.toLowerCase());
  assert.equal(status, 200);
  assert.equal(json.userId, ada.userId);
  assert.equal(await stream.ended, true);
  assert.equal((await say(app, ada, grace)).status, 403);
  assert.equal((await say(app, { ...ada, user: `2:${json.authToken}` }, grace)).status, 200);
  assert.deepEqual(await keptNames(app, "class/codes"), []);
  const { step, detail, field } = (await rejoin(app, made.json.code)).json;
  assert.deepEqual([step, field], ["rejoin.post.4.1", "rejoinCode"]);
  assert.match(detail, /^`rejoinCode` is not valid/);
  assert.ok(!app.logged().includes(made.json.code));
});

test("a code is only for its pupil, and the code before it is void", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const first = await makeCode(app, ada.userId);
  const second = await makeCode(app, ada.userId);
  assert.equal((await rejoin(app, second, "grace")).status, 403);
  if (first !== second) assert.equal((await rejoin(app, first)).status, 403);
  assert.equal((await rejoin(app, second)).status, 200);
  assert.equal((await say(app, grace, ada)).status, 200);
});

test("a code is valid for ten minutes, also across a restart", async (t) => {
  let now = Date.parse("2030-01-02T12:00:00.000Z");
  const clock = { now: () => now };
  const { app, ada } = await startLesson(t, { clock });
  const { code, validUntil } = (await teach(app, "POST /codes", { userId: ada.userId })).json;
  assert.equal(validUntil, "2030-01-02T12:10:00.000Z");
  now += TEN_MINUTES - 1;
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root, clock });
  assert.equal((await rejoin(again, code)).status, 200);
  const late = await makeCode(again, ada.userId);
  now += TEN_MINUTES;
  assert.equal((await rejoin(again, late)).status, 403);
});

test("after five wrong tries the right code no longer counts, and after four it does", async (t) => {
  const { app, ada } = await startLesson(t);
  for (const [tries, status] of [
    [4, 200],
    [5, 403],
  ] as const) {
    const code = await makeCode(app, ada.userId);
    for (let i = 0; i < tries; i++) assert.equal((await rejoin(app, another(code))).status, 403);
    assert.equal((await rejoin(app, code)).status, status);
  }
});

test("when two clients send the right code at once, one of them gets the token", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const code = await makeCode(app, ada.userId);
  const replies = await Promise.all(Array.from({ length: 8 }, () => rejoin(app, code)));
  const [got, ...others] = replies.filter(({ status }) => status === 200);
  assert.equal(others.length, 0);
  assert.equal(replies.filter(({ status }) => status === 403).length, 7);
  assert.equal((await say(app, { ...ada, user: `2:${got?.json.authToken}` }, grace)).status, 200);
});
