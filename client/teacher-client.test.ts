import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatError } from "./chat-error.ts";
import { PlainchatClient } from "./plainchat-client.ts";
import { TeacherClient } from "./teacher-client.ts";
import type { ChatEvent } from "./types.ts";

const KEY = "key-of-the-teacher";
const at = "2030-01-02T12:00:00.000Z";

/** A teacher's client, and what it has sent to a server that always gives the same reply. */
function teacherAt(status: number, reply: unknown, teacherKey = KEY) {
  const sent: { request: string; authorization: string | null; body: unknown }[] = [];
  const teacher = new TeacherClient("http://server.test/", {
    teacherKey,
    attempts: 1,
    fetch: async (url, { method, headers, body }) => {
      const authorization = new Headers(headers).get("authorization");
      sent.push({ request: `${method} ${url}`, authorization, body: body && JSON.parse(String(body)) });
      return new Response(JSON.stringify(reply), { status });
    },
  });
  return { teacher, sent };
}

type Call = (teacher: TeacherClient) => Promise<object>;

const pupil = { userId: 7, userHandle: "ada", isMuted: false, isHidden: false, isHandUp: true };
const progress = { lesson: 3, case: "register-no-secret", passed: 2, total: 13, since: at };
const course = { progress, lessonsPassed: [1, 2] };
const CALLS: [request: string, call: Call, body: unknown, reply: object, wrong: object][] = [
  [
    "POST /teacher",
    (teacher) => teacher.becomeTeacher({ userHandle: "ms-hopper" }),
    { userHandle: "ms-hopper" },
    { userId: 1, userHandle: "ms-hopper", authToken: "x".repeat(32) },
    { userId: 1, userHandle: "ms-hopper", authToken: 5 },
  ],
  [
    "PATCH ",
    (teacher) => teacher.changeClass({ isPaused: true, lesson: 3 }),
    { isPaused: true, lesson: 3 },
    { isPaused: true, showsTexts: false, lesson: 3 },
    { isPaused: "true", showsTexts: false },
  ],
  [
    "GET /pupils",
    (teacher) => teacher.listPupils(),
    undefined,
    {
      pupils: [
        { ...pupil, ...course },
        { ...pupil, isHere: true, lessonsPassed: [], isHandUp: false },
      ].map((each) => ({ isHere: false, ...each })),
    },
    { pupils: [{ ...pupil, ...course, isHere: true, last: { at, operation: "chat.post", status: "200" } }] },
  ],
  [
    "GET /pupils",
    (teacher) => teacher.listPupils(),
    undefined,
    { pupils: [] },
    { pupils: [{ ...pupil, ...course, isHere: true, progress: { ...course.progress, case: "You are stupid" } }] },
  ],
  [
    "PATCH /pupils",
    (teacher) => teacher.changePupil({ userId: 7, isMuted: true }),
    { userId: 7, isMuted: true },
    pupil,
    { ...pupil, isMuted: 1 },
  ],
  [
    "DELETE /pupils",
    (teacher) => teacher.removePupil({ userId: 7 }),
    { userId: 7 },
    { userId: 7 },
    { userId: "\x1b[2J" },
  ],
  [
    "POST /codes",
    (teacher) => teacher.makeRejoinCode({ userId: 7 }),
    { userId: 7 },
    { userId: 7, userHandle: "ada", code: "K7Q2MX", validUntil: at },
    { userId: 7, userHandle: "ada", code: "K7Q2MX", validUntil: "soon" },
  ],
  [
    "POST /messages",
    (teacher) => teacher.writeToAll({ message: "hello" }),
    { message: "hello" },
    { recipients: 30 },
    { recipients: -1 },
  ],
  [
    "DELETE /messages",
    (teacher) => teacher.takeDownMessage({ messageId: 9 }),
    { messageId: 9 },
    { messageId: 9 },
    { messageId: null },
  ],
  [
    "GET /archives",
    (teacher) => teacher.listArchives(),
    undefined,
    {
      archives: [{ archive: "2030", label: "9b", endedAt: at, userCount: 31, messageCount: 0 }, { archive: "copied" }],
    },
    { archives: [{ archive: "2030", endedAt: "yesterday" }] },
  ],
  [
    "POST /archives",
    (teacher) => teacher.endClass({ label: "9b" }),
    { label: "9b" },
    { archive: "2030" },
    { archive: null },
  ],
  [
    "POST /open",
    (teacher) => teacher.openArchive({ archive: "2030" }),
    { archive: "2030" },
    { archive: "2030", putAway: "2031" },
    { archive: "2030" },
  ],
];

test("each call of the teacher sends the key in a header and nowhere else, and checks the reply", async () => {
  for (const [request, call, body, reply, wrong] of CALLS) {
    const { teacher, sent } = teacherAt(200, reply);
    assert.deepEqual(await call(teacher), reply, request);
    const [method, path] = request.split(" ");
    const expected = {
      request: `${method} http://server.test/api/v1/class${path}`,
      authorization: `Bearer ${KEY}`,
      body,
    };
    assert.deepEqual(sent, [expected]);
    for (const strange of [wrong, [], null, "hello"]) {
      const error = await call(teacherAt(200, strange).teacher).catch((thrown) => thrown);
      assert.ok(error instanceof ChatError, request);
      assert.equal(error.reason, "strange reply");
      assert.ok(!error.message.includes(KEY));
    }
  }
});

test("a handle that is saved with a token has no characters that would begin a line or steer a terminal", async () => {
  for (const userHandle of ["ms\nhopper", "\x1b[2Jms-hopper", "ms\x9bhopper", "ms", "x".repeat(65)]) {
    const { teacher } = teacherAt(200, { userId: 1, userHandle, authToken: "x".repeat(32) });
    await assert.rejects(teacher.becomeTeacher({ userHandle: "ms-hopper" }), /`userHandle` is not a handle of 3-64/);
  }
});

test("a text that cannot be a key reaches the server, which says that it is the wrong one", async () => {
  for (const key of ["ключ учителя", "line\nbreak: yes", "no such key"]) {
    const { teacher, sent } = teacherAt(
      403,
      { detail: "`teacherKey` is not the teacher's key.", field: "teacherKey" },
      key,
    );
    await assert.rejects(teacher.listPupils(), { status: 403, field: "teacherKey" });
    assert.match(sent[0]?.authorization ?? "", /^Bearer [\x21-\x7e]+$/);
  }
});

test("a retry of a removal that had worked, but whose reply was lost, is no error", async () => {
  let tries = 0;
  const teacher = new TeacherClient("http://server.test", {
    teacherKey: KEY,
    fetch: async () => {
      if (++tries === 1) throw new TypeError("The connection was reset");
      return new Response(JSON.stringify({ detail: "No user has this `userId`." }), { status: 404 });
    },
  });
  assert.deepEqual(await teacher.removePupil({ userId: 7 }), { userId: 7 });
});

test("what must not happen twice is not sent again when no reply came", async () => {
  let tries = 0;
  const teacher = new TeacherClient("http://server.test", {
    teacherKey: KEY,
    fetch: async () => {
      tries++;
      throw new TypeError("The connection was reset");
    },
  });
  await assert.rejects(teacher.endClass(), { reason: "no reply" });
  await assert.rejects(teacher.openArchive({ archive: "2030" }), { reason: "no reply" });
  await assert.rejects(teacher.exportClass(), { reason: "no reply" });
  assert.equal(tries, 3);
});

test("a message to all is sent again with the same key when no reply came", async () => {
  const keys: unknown[] = [];
  const teacher = new TeacherClient("http://server.test", {
    teacherKey: KEY,
    fetch: async (_url, { headers }) => {
      keys.push(new Headers(headers).get("idempotency-key"));
      if (keys.length % 2 === 1) throw new TypeError("The connection was reset");
      return new Response(JSON.stringify({ recipients: 30 }));
    },
  });
  assert.deepEqual(await teacher.writeToAll({ message: "hello" }), { recipients: 30 });
  await teacher.writeToAll({ message: "hello" });
  assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  assert.ok(keys[0] === keys[1] && keys[2] === keys[3] && keys[0] !== keys[2]);
});

/** Listens to a stream that ends after these events, and what was asked for. */
async function heard(stream: string, events: number): Promise<{ heard: ChatEvent[]; resumedAfter: (string | null)[] }> {
  const resumedAfter: (string | null)[] = [];
  const client = new PlainchatClient("http://server.test", {
    credentials: { myId: 1, myAuth: "x".repeat(32) },
    fetch: async (_url, { headers }) => {
      resumedAfter.push(new Headers(headers).get("last-event-id"));
      return new Response(stream, { headers: { "content-type": "text/event-stream" } });
    },
  });
  const all: ChatEvent[] = [];
  for await (const event of client.listen()) if (all.push(event) === events) break;
  return { heard: all, resumedAfter };
}

test("listen() passes on what the teacher has decided, also if some of it is missing, and keeps its place", async () => {
  const whole = { isPaused: true, showsTexts: false, lesson: 3, isMuted: false, isHandUp: true };
  const stream = [
    'id: 41\nevent: leave\ndata: {"userId":2}\n\n',
    `event: class\ndata: ${JSON.stringify(whole)}\n\n`,
    'event: class\ndata: {"isMuted":true,"isNew":"yes"}\n\n',
  ].join("");
  const { heard: events, resumedAfter } = await heard(stream, 4);
  assert.deepEqual(events, [
    { type: "leave", eventId: 41, userId: 2 },
    { type: "class", ...whole },
    { type: "class", isMuted: true, isNew: "yes" },
    { type: "leave", eventId: 41, userId: 2 },
  ]);
  assert.deepEqual(resumedAfter, [null, "41"]);
});

test("listen() says so when what the teacher has decided has the wrong types", async () => {
  await assert.rejects(heard('event: class\ndata: {"isPaused":"\x1b[2J"}\n\n', 1), { name: "ChatError", status: 200 });
});
