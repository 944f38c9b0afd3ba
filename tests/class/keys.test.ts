/**
 * Tests who may make the calls of the teacher: only somebody with the teacher's key, and only in class mode.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../../server/operations/routes.ts";
import { startLesson, teach } from "../../testing/lesson.ts";
import { PROJECTOR_KEY, startApp, TEACHER_KEY } from "../../testing/start-app.ts";

/** Each call of the teacher with inputs that it would accept. */
const CALLS: Record<string, object | undefined> = {
  "POST /teacher": { userHandle: "ms-hopper" },
  "PATCH ": { isPaused: true },
  "GET /pupils": undefined,
  "PATCH /pupils": { userId: 2, isMuted: true },
  "DELETE /pupils": { userId: 2 },
  "POST /codes": { userId: 2 },
  "POST /messages": { message: "Look at the wall, please." },
  "DELETE /messages": { messageId: 1 },
  "GET /export": undefined,
  "GET /archives": undefined,
  "POST /archives": { label: "9b" },
  "POST /open": { archive: "2030-01-02T12-00-00Z" },
};

test("these are all calls of the teacher", () => {
  const ofTeacher = ROUTES.filter(({ isForTeacher }) => isForTeacher).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(ofTeacher.map((call) => call.replace("/api/v1/class", "")).sort(), Object.keys(CALLS).sort());
});

test("a call of the teacher needs the teacher's key, and a refused one changes nothing", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  const messageId = await app.publish(ada, grace, "hi");
  assert.equal(messageId, 1);
  for (const [call, body] of Object.entries(CALLS)) {
    for (const key of [PROJECTOR_KEY, ada.authToken, `${TEACHER_KEY}x`, TEACHER_KEY.toUpperCase()]) {
      const { status, json } = await teach(app, call, body, key);
      assert.equal(status, 403, call);
      assert.equal(json.field, "teacherKey");
      assert.match(json.step, /\.3$/);
    }
    const [method = "", path = ""] = call.split(" ");
    const address = `/api/v1/class${path}`;
    const none = await app.send({ method, path: address, user: ada.user, body });
    assert.equal(none.status, 401, "a pupil's credentials do not help");
    assert.match(none.json.step, /\.1\.2$/);
    const inUrl = await app.send({ method, path: `${address}?teacherKey=${TEACHER_KEY}`, body });
    assert.equal(inUrl.status, 400);
    assert.match(inUrl.json.detail, /^Never send `teacherKey` in a URL/);
    assert.equal((await teach(app, call, body, "short")).status, 401);
    const nothing = await app.send({ method, path: address });
    assert.equal(nothing.status, 400);
    assert.match(nothing.json.detail, /`curl -H "Authorization: Bearer TEACHER-KEY" http:/);
  }
  const { pupils } = (await teach(app, "GET /pupils")).json;
  assert.deepEqual(
    pupils.map(({ userHandle, isMuted }) => [userHandle, isMuted]),
    [
      ["ada", false],
      ["grace", false],
    ],
  );
  assert.equal((await app.send({ path: "/api/v1/chat", user: grace.user })).json.messages.length, 1);
  assert.ok(!app.logged().includes(TEACHER_KEY));
});

test("the key can be in the body, too, and twice only if it is the same", async (t) => {
  const { app } = await startLesson(t);
  const body = { isPaused: true, teacherKey: TEACHER_KEY };
  assert.equal((await app.send({ method: "PATCH", path: "/api/v1/class", body })).status, 200);
  assert.equal((await teach(app, "PATCH ", body)).status, 200);
  const two = await teach(app, "PATCH ", { ...body, teacherKey: `${TEACHER_KEY}x` });
  assert.equal(two.json.step, "class.patch.1.1");
});

test("other calls do not know `Authorization: Bearer`", async (t) => {
  const { app } = await startLesson(t);
  const { status, json } = await app.send({
    path: "/api/v1/users",
    headers: { authorization: `Bearer ${TEACHER_KEY}` },
  });
  assert.equal(status, 400);
  assert.ok(!JSON.stringify(json).includes(TEACHER_KEY));
});

test("wrong keys and wrong codes count as wrong tokens, and a right key still works after too many", async (t) => {
  const { app, ada } = await startLesson(t);
  const wrong = await Promise.all(
    Array.from({ length: 150 }, () => teach(app, "PATCH ", { isPaused: true }, "not-the-teachers-key")),
  );
  assert.ok(wrong.every(({ status }) => status === 403));
  const body = { userHandle: ada.userHandle, rejoinCode: "AAAAAA" };
  const codes = await Promise.all(
    Array.from({ length: 150 }, () => app.send({ method: "POST", path: "/api/v1/class/rejoin", body })),
  );
  assert.ok(codes.every(({ status }) => status === 403));
  assert.equal((await teach(app, "PATCH ", { isPaused: true }, "not-the-teachers-key")).status, 429);
  assert.equal((await teach(app, "PATCH ", { isPaused: true })).status, 200);
});

test("without class mode, the calls of a class do not exist, and say nothing about who is there", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  for (const [call, body] of Object.entries(CALLS)) {
    const { status, json } = await teach(app, call, body);
    assert.equal(status, 404, call);
    assert.match(json.detail, /^The server is not in class mode/);
    assert.match(json.step, /\.2$/);
  }
  const replies = await Promise.all(
    ["ada", "nobody"].map((userHandle) =>
      app.send({ method: "POST", path: "/api/v1/class/rejoin", body: { userHandle, rejoinCode: "K7Q2MX" } }),
    ),
  );
  assert.equal(replies[0]?.json.step, "rejoin.post.2");
  for (const { status, text } of replies) assert.deepEqual([status, text], [404, replies[0]?.text]);
  const hand = await app.send({ method: "PATCH", path: "/api/v1/class/hand", user: ada.user, body: { isUp: true } });
  assert.deepEqual([hand.status, hand.json.step], [404, "hand.patch.3.2"]);
});

test("wrong inputs are refused at their steps", async (t) => {
  const { app, ada } = await startLesson(t);
  const wrong: [call: string, body: object, step: string, detail: RegExp][] = [
    ["POST /teacher", {}, "teacher.post.1.4", /^`userHandle` is missing\./],
    ["POST /teacher", { userHandle: "ms" }, "teacher.post.1.5", /^`userHandle` must be 3 to 64 characters/],
    ["PATCH ", {}, "class.patch.1.4", /^Send at least one of `isPaused`, `showsTexts`, `lesson` and `showsBoard`\.$/],
    ["PATCH ", { isPaused: "yes" }, "class.patch.1.5", /^`isPaused` must be true or false/],
    ["PATCH ", { showsTexts: 1 }, "class.patch.1.6", /^`showsTexts` must be true or false/],
    ["PATCH ", { lesson: 15 }, "class.patch.1.7", /^`lesson` must be an integer, from 1 to 14\.$/],
    ["PATCH ", { showsBoard: "no" }, "class.patch.1.9", /^`showsBoard` must be true or false/],
    ["PATCH ", { lesson: 1, isPausd: true }, "class.patch.1.8", /Did you mean `isPaused`\?/],
    ["PATCH /pupils", { isMuted: true }, "pupils.patch.1.4", /^`userId` is missing\./],
    ["PATCH /pupils", { userId: "2", isMuted: true }, "pupils.patch.1.5", /without quotes/],
    ["PATCH /pupils", { userId: 2 }, "pupils.patch.1.6", /^Send at least one of `isMuted`, `isHidden`, /],
    ["PATCH /pupils", { userId: 2, isMuted: null }, "pupils.patch.1.7", /^`isMuted`/],
    ["PATCH /pupils", { userId: 2, isHidden: 0 }, "pupils.patch.1.8", /^`isHidden`/],
    ["PATCH /pupils", { userId: 2, isHandUp: "" }, "pupils.patch.1.9", /^`isHandUp`/],
    ["PATCH /pupils", { userId: 2, userHandle: "a\nb" }, "pupils.patch.1.10", /control character/],
    ["PATCH /pupils", { userId: 2, isMuted: true, isHiden: true }, "pupils.patch.1.11", /Did you mean `isHidden`\?/],
    ["PATCH /pupils", { userId: 77, isMuted: true }, "pupils.patch.4.1", /^No user has this `userId`\./],
    ["DELETE /pupils", {}, "pupils.delete.1.4", /^`userId` is missing\./],
    ["DELETE /pupils", { userId: 0 }, "pupils.delete.1.5", /^`userId` must be an integer, 1 or more\.$/],
    ["DELETE /pupils", { userId: 77 }, "pupils.delete.4.1", /^No user has this `userId`\./],
    ["POST /codes", {}, "codes.post.1.4", /^`userId` is missing\./],
    ["POST /codes", { userId: 1.5 }, "codes.post.1.5", /^`userId` must be an integer/],
    ["POST /codes", { userId: 77 }, "codes.post.4.1", /^No user has this `userId`\./],
    ["POST /messages", {}, "messages.post.1.4", /^`message` is missing\./],
    ["POST /messages", { message: "" }, "messages.post.1.5", /^`message` must be 1 to 4096 characters/],
    ["DELETE /messages", {}, "messages.delete.1.4", /^`messageId` is missing\./],
    ["DELETE /messages", { messageId: "x" }, "messages.delete.1.5", /^`messageId` must be an integer/],
    ["DELETE /messages", { messageId: 77 }, "messages.delete.4.1", /^There is no message with this `messageId`/],
  ];
  for (const [call, body, step, detail] of wrong) {
    const { json } = await teach(app, call, body);
    assert.equal(json.step, step, JSON.stringify(json));
    assert.match(json.detail, detail);
  }
  const hand = (body: object) => app.send({ method: "PATCH", path: "/api/v1/class/hand", user: ada.user, body });
  assert.equal((await hand({})).json.step, "hand.patch.1.6");
  assert.equal((await hand({ isUp: "true" })).json.step, "hand.patch.1.7");
  for (const [myId, myAuth, step] of [
    [undefined, ada.authToken, "hand.patch.1.2"],
    ["2", ada.authToken, "hand.patch.1.3"],
    [ada.userId, undefined, "hand.patch.1.4"],
    [ada.userId, "short", "hand.patch.1.5"],
    [77, ada.authToken, "hand.patch.2.1"],
    [ada.userId, TEACHER_KEY, "hand.patch.3.1"],
  ] as const) {
    const body = { myId, myAuth, isUp: true };
    const reply = await app.send({ method: "PATCH", path: "/api/v1/class/hand", body });
    assert.equal(reply.json.step, step);
  }
  const notJson = { method: "PATCH", path: "/api/v1/class/hand", user: ada.user, body: "{" };
  assert.equal((await app.send(notJson)).json.step, "hand.patch.1.1");
  const codeInUrl = { method: "POST", path: "/api/v1/class/rejoin?rejoinCode=K7Q2MX&userHandle=ada" };
  assert.equal((await app.send(codeInUrl)).json.step, "rejoin.post.1.1");
  const rejoin = (body: object) => app.send({ method: "POST", path: "/api/v1/class/rejoin", body });
  assert.equal((await rejoin({ rejoinCode: "K7Q2MX" })).json.step, "rejoin.post.1.2");
  assert.equal((await rejoin({ userHandle: "ad", rejoinCode: "K7Q2MX" })).json.step, "rejoin.post.1.3");
  assert.equal((await rejoin({ userHandle: "ada" })).json.step, "rejoin.post.1.4");
  assert.equal((await rejoin({ userHandle: "ada", rejoinCode: "K7Q2M" })).json.step, "rejoin.post.1.5");
  assert.match((await rejoin({ userHandle: "ada", rejoinCode: "K7Q2M" })).json.detail, /must be 6 characters long/);
  const unknown = await rejoin({ userHandle: "nobody", rejoinCode: "K7Q2MX" });
  assert.deepEqual([unknown.status, unknown.text], [404, ""], "rejoin.post.3.1");
});
