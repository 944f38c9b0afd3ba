/**
 * Tests the API with a table of requests and replies. Each case names its step in docs/spec.md. A refusal must name the
 * same step in its body.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROUTES } from "../server/operations/routes.ts";
import type { Request } from "../testing/request.ts";
import { type Person, startApp, TEACHER_KEY } from "../testing/start-app.ts";

interface Context {
  secret: string;
  ada: Person;
  grace: Person;
  /** The id of a message from ada to grace. */
  message: number;
}

interface Case {
  does: string;
  /** The step, without the call's id: `1.3`. */
  step: string;
  send: (context: Context) => Partial<Request>;
  status: number;
  /** The `field` in the refusal. */
  field?: string;
  /** The body of a 200. */
  json?: (context: Context) => object;
}

const LONG = 65;
const WRONG_TOKEN = "wrong-token-of-good-length";

/** The cases that every call with credentials shares. `rest` has the call's other inputs. */
function credentialCases(rest: (context: Context) => object, numbers: { open: string; match: string }): Case[] {
  const withBody = (change: (context: Context) => object) => (context: Context) => ({
    body: { myId: context.ada.userId, myAuth: context.ada.authToken, ...rest(context), ...change(context) },
  });
  const refused = (does: string, step: string, status: number, field: string, change: object): Case => ({
    does,
    step,
    status,
    field,
    send: withBody(() => change),
  });
  return [
    { does: "a body that is not JSON", step: "1.1", status: 400, send: () => ({ body: "{" }) },
    { does: "no inputs at all", step: "1.1", status: 400, send: () => ({}) },
    { does: "an object without fields", step: "1.2", status: 400, field: "myId", send: () => ({ body: {} }) },
    refused("no myId", "1.2", 400, "myId", { myId: undefined }),
    refused("a myId in quotes", "1.3", 400, "myId", { myId: "1" }),
    refused("a myId with a fraction", "1.3", 400, "myId", { myId: 1.5 }),
    refused("a myId of zero", "1.3", 400, "myId", { myId: 0 }),
    refused("a myId past 2^53", "1.3", 400, "myId", { myId: 2 ** 53 }),
    refused("a myId of null", "1.3", 400, "myId", { myId: null }),
    refused("a myId that is a path", "1.3", 400, "myId", { myId: "../1" }),
    refused("no myAuth", "1.4", 400, "myAuth", { myAuth: undefined }),
    refused("a myAuth that is too short", "1.5", 400, "myAuth", { myAuth: "short" }),
    refused("a myAuth that is too long", "1.5", 400, "myAuth", { myAuth: "x".repeat(LONG) }),
    refused("a myAuth that is a number", "1.5", 400, "myAuth", { myAuth: 123_456_789_012 }),
    refused("an unknown myId", `${numbers.open}.1`, 401, "myId", { myId: 999 }),
    refused("a wrong myAuth", `${numbers.match}.1`, 403, "myAuth", { myAuth: WRONG_TOKEN }),
    {
      does: "the myAuth of another user",
      step: `${numbers.match}.1`,
      status: 403,
      field: "myAuth",
      send: withBody(({ grace }) => ({ myAuth: grace.authToken })),
    },
  ];
}

function badHandles(step: string, send: (userHandle: unknown) => (context: Context) => Partial<Request>): Case[] {
  const bad: [string, unknown][] = [
    ["two characters", "ab"],
    ["65 characters", "x".repeat(LONG)],
    ["a number", 12_345],
    ["a list", ["ada"]],
    ["a line break and three letters", "ad\na"],
    ["half an emoji and three letters", "ada\ud83d"],
    ["two emoji, which are two characters", "\u{1f600}\u{1f600}"],
  ];
  return bad.map(([what, value]) => ({
    does: `a userHandle of ${what}`,
    step,
    status: 400,
    field: "userHandle",
    send: send(value),
  }));
}

const me = (context: Context, rest: object = {}) => ({
  body: { myId: context.ada.userId, myAuth: context.ada.authToken, ...rest },
});

const CALLS: Record<string, { method: string; path: string; id: string; cases: Case[] }> = {
  "POST /api/v1/register": {
    method: "POST",
    path: "/api/v1/register",
    id: "register.post",
    cases: [
      { does: "a form instead of JSON", step: "1.1", status: 400, send: () => ({ body: "secret=abc&userHandle=x" }) },
      { does: "no inputs at all", step: "1.1", status: 400, send: () => ({}) },
      { does: "an empty body", step: "1.1", status: 400, send: () => ({ body: "" }) },
      { does: "an object without fields", step: "1.2", status: 401, field: "secret", send: () => ({ body: {} }) },
      {
        does: "credentials and nothing else",
        step: "1.2",
        status: 401,
        field: "secret",
        send: ({ ada }) => ({ user: ada.user }),
      },
      {
        does: "a misspelt secret",
        step: "1.2",
        status: 401,
        field: "secret",
        send: ({ secret }) => ({ body: { secert: secret, userHandle: "alan" } }),
      },
      {
        does: "a short secret",
        step: "1.3",
        status: 401,
        field: "secret",
        send: () => ({ body: { secret: "short" } }),
      },
      {
        does: "no userHandle",
        step: "1.4",
        status: 400,
        field: "userHandle",
        send: ({ secret }) => ({ body: { secret } }),
      },
      ...badHandles("1.5", (userHandle) => ({ secret }) => ({ body: { secret, userHandle } })),
      {
        does: "a wrong secret",
        step: "3",
        status: 403,
        field: "secret",
        send: () => ({ body: { secret: "wrong-but-long-enough", userHandle: "alan" } }),
      },
      {
        does: "a handle that is taken",
        step: "8.1",
        status: 409,
        field: "userHandle",
        send: ({ secret }) => ({ body: { secret, userHandle: "ada" } }),
      },
      {
        does: "a taken handle with its accent as a separate character (NFC)",
        step: "8.1",
        status: 409,
        field: "userHandle",
        send: ({ secret }) => ({ body: { secret, userHandle: "zoe\u0308" } }),
      },
    ],
  },
  "GET /api/v1/register": {
    method: "GET",
    path: "/api/v1/register",
    id: "register.get",
    cases: [
      ...credentialCases(() => ({ userHandle: "grace" }), { open: "2", match: "3" }),
      { does: "no userHandle", step: "1.6", status: 400, field: "userHandle", send: (context) => me(context) },
      ...badHandles("1.7", (userHandle) => (context) => me(context, { userHandle })),
      {
        does: "an unknown handle",
        step: "5.1",
        status: 404,
        send: (context) => me(context, { userHandle: "nobody" }),
      },
      {
        does: "a known handle",
        step: "6",
        status: 200,
        send: (context) => me(context, { userHandle: "grace" }),
        json: ({ grace }) => ({ userId: grace.userId }),
      },
    ],
  },
  "PATCH /api/v1/register": {
    method: "PATCH",
    path: "/api/v1/register",
    id: "register.patch",
    cases: [
      ...credentialCases(() => ({ rotateAuth: false }), { open: "2", match: "3" }),
      { does: "nothing to change", step: "1.6", status: 400, send: (context) => me(context) },
      {
        does: "a misspelt rotateAuth alone",
        step: "1.6",
        status: 400,
        send: (context) => me(context, { rotateauth: true }),
      },
      ...badHandles("1.7", (userHandle) => (context) => me(context, { userHandle })),
      {
        does: "a rotateAuth in quotes",
        step: "1.8",
        status: 400,
        field: "rotateAuth",
        send: (context) => me(context, { rotateAuth: "true" }),
      },
      {
        does: "a misspelt rotateAuth",
        step: "1.9",
        status: 400,
        field: "rotateAuht",
        send: (context) => me(context, { userHandle: "countess", rotateAuht: true }),
      },
      {
        does: "a handle that is taken",
        step: "6.1",
        status: 409,
        field: "userHandle",
        send: (context) => me(context, { userHandle: "grace" }),
      },
      {
        does: "the user's own handle",
        step: "9",
        status: 200,
        send: (context) => me(context, { userHandle: "ada" }),
        json: ({ ada }) => ({ userId: ada.userId, authToken: ada.authToken }),
      },
    ],
  },
  "DELETE /api/v1/register": {
    method: "DELETE",
    path: "/api/v1/register",
    id: "register.delete",
    cases: [
      ...credentialCases(() => ({}), { open: "2", match: "3" }),
      {
        does: "the handle of another user",
        step: "1.6",
        status: 400,
        field: "userHandle",
        send: (context) => me(context, { userHandle: "grace" }),
      },
      ...Object.entries({ userId: 2, handle: "grace", userhandle: "grace", messageId: 3, secret: null }).map(
        ([field, value]): Case => ({
          does: `another input: ${field}`,
          step: "1.6",
          status: 400,
          field,
          send: (context) => me(context, { [field]: value }),
        }),
      ),
      {
        does: "an input whose name may be a token",
        step: "1.6",
        status: 400,
        send: (context) => me(context, { [context.ada.authToken]: 1 }),
      },
    ],
  },
  "GET /api/v1/users": {
    method: "GET",
    path: "/api/v1/users",
    id: "users.get",
    cases: [
      ...credentialCases(() => ({}), { open: "2", match: "3" }),
      {
        does: "an after below 0",
        step: "1.6",
        status: 400,
        field: "after",
        send: (context) => me(context, { after: -1 }),
      },
      { does: "a limit of 0", step: "1.7", status: 400, field: "limit", send: (context) => me(context, { limit: 0 }) },
      {
        does: "a misspelt limit",
        step: "1.8",
        status: 400,
        field: "limmit",
        send: (context) => me(context, { limmit: 5 }),
      },
      {
        does: "the users after the first",
        step: "5",
        status: 200,
        send: (context) => me(context, { after: context.ada.userId, limit: 1 }),
        json: ({ grace }) => ({ users: [{ userId: grace.userId, userHandle: "grace" }] }),
      },
    ],
  },
  "POST /api/v1/chat": {
    method: "POST",
    path: "/api/v1/chat",
    id: "chat.post",
    cases: [
      ...credentialCases(() => ({ userHandle: "grace", message: "hi" }), { open: "2", match: "3" }),
      { does: "no userHandle", step: "1.6", status: 400, field: "userHandle", send: (context) => me(context) },
      ...badHandles("1.7", (userHandle) => (context) => me(context, { userHandle, message: "hi" })),
      {
        does: "a misspelt message",
        step: "1.8",
        status: 400,
        field: "message",
        send: (context) => me(context, { userHandle: "grace", mesage: "hi" }),
      },
      ...["", "x".repeat(4097), 5, null, "\u0007", "\ud83d"].map(
        (message): Case => ({
          does: `a message of ${JSON.stringify(message).slice(0, 20)}`,
          step: "1.9",
          status: 400,
          field: "message",
          send: (context) => me(context, { userHandle: "grace", message }),
        }),
      ),
      {
        does: "an Idempotency-Key with a blank in it",
        step: "1.10",
        status: 400,
        send: (context) => ({
          ...me(context, { userHandle: "grace", message: "hi" }),
          headers: { "idempotency-key": "a b" },
        }),
      },
      {
        does: "an unknown handle",
        step: "5.1",
        status: 404,
        send: (context) => me(context, { userHandle: "nobody", message: "hi" }),
      },
    ],
  },
  "GET /api/v1/chat": {
    method: "GET",
    path: "/api/v1/chat",
    id: "chat.get",
    cases: [
      ...credentialCases(() => ({}), { open: "2", match: "3" }),
      ...badHandles("1.7", (userHandle) => (context) => me(context, { userHandle })),
      {
        does: "an unknown box",
        step: "1.8",
        status: 400,
        field: "box",
        send: (context) => me(context, { box: "all" }),
      },
      {
        does: "an after in quotes",
        step: "1.9",
        status: 400,
        field: "after",
        send: (context) => me(context, { after: "1" }),
      },
      {
        does: "a before of 0",
        step: "1.10",
        status: 400,
        field: "before",
        send: (context) => me(context, { before: 0 }),
      },
      {
        does: "a limit of 201",
        step: "1.11",
        status: 400,
        field: "limit",
        send: (context) => me(context, { limit: 201 }),
      },
      {
        does: "a wait of 61 seconds",
        step: "1.12",
        status: 400,
        field: "wait",
        send: (context) => me(context, { wait: 61 }),
      },
      {
        does: "a misspelt wait",
        step: "1.13",
        status: 400,
        field: "wiat",
        send: (context) => me(context, { wiat: 5 }),
      },
      {
        does: "an unknown handle",
        step: "5.1",
        status: 404,
        send: (context) => me(context, { userHandle: "nobody" }),
      },
      {
        does: "an empty queue",
        step: "8",
        status: 200,
        send: (context) => me(context),
        json: ({ ada }) => ({ myId: ada.userId, messages: [] }),
      },
    ],
  },
  "PATCH /api/v1/chat": {
    method: "PATCH",
    path: "/api/v1/chat",
    id: "chat.patch",
    cases: [
      ...credentialCases(({ message }) => ({ messageId: message, message: "new" }), { open: "2", match: "3" }),
      { does: "no messageId", step: "1.6", status: 400, field: "messageId", send: (context) => me(context) },
      {
        does: "a messageId in quotes",
        step: "1.7",
        status: 400,
        field: "messageId",
        send: (context) => me(context, { messageId: "1" }),
      },
      {
        does: "no message",
        step: "1.8",
        status: 400,
        field: "message",
        send: (context) => me(context, { messageId: context.message }),
      },
      {
        does: "an empty message",
        step: "1.9",
        status: 400,
        field: "message",
        send: (context) => me(context, { messageId: context.message, message: "" }),
      },
      {
        does: "a message that does not exist",
        step: "4.1",
        status: 404,
        field: "messageId",
        send: (context) => me(context, { messageId: 999, message: "new" }),
      },
      {
        does: "a message from another user",
        step: "4.2",
        status: 403,
        field: "messageId",
        send: ({ grace, message }) => ({ user: grace.user, body: { messageId: message, message: "new" } }),
      },
    ],
  },
  "DELETE /api/v1/chat": {
    method: "DELETE",
    path: "/api/v1/chat",
    id: "chat.delete",
    cases: [
      ...credentialCases(({ message }) => ({ messageId: message }), { open: "2", match: "3" }),
      { does: "no messageId", step: "1.6", status: 400, field: "messageId", send: (context) => me(context) },
      {
        does: "a messageId below 1",
        step: "1.7",
        status: 400,
        field: "messageId",
        send: (context) => me(context, { messageId: -1 }),
      },
      {
        does: "a message that does not exist",
        step: "4.1",
        status: 404,
        field: "messageId",
        send: (context) => me(context, { messageId: 999 }),
      },
    ],
  },
  "GET /api/v1/chat/stream": {
    method: "GET",
    path: "/api/v1/chat/stream",
    id: "stream.get",
    // Only refusals: an accepted stream does not end. tests/stream.test.ts has those.
    cases: [
      ...credentialCases(() => ({}), { open: "2", match: "3" }),
      { does: "a wrong box", step: "1.6", status: 400, field: "box", send: (context) => me(context, { box: "all" }) },
      {
        does: "an after below 0",
        step: "1.7",
        status: 400,
        field: "after",
        send: (context) => me(context, { after: -1 }),
      },
      {
        does: "a Last-Event-ID that is not a number",
        step: "1.8",
        status: 400,
        send: (context) => ({ ...me(context), headers: { "last-event-id": "abc" } }),
      },
      {
        does: "a Last-Event-ID past 2^53",
        step: "1.8",
        status: 400,
        send: (context) => ({ ...me(context), headers: { "last-event-id": "9007199254740992" } }),
      },
      {
        does: "a misspelt after",
        step: "1.9",
        status: 400,
        field: "aftr",
        send: (context) => me(context, { aftr: 1 }),
      },
    ],
  },
};

for (const [call, { method, path, id, cases }] of Object.entries(CALLS)) {
  test(`${call}: ${cases.length} cases`, async (t) => {
    const app = await startApp(t);
    const ada = await app.register("ada");
    const grace = await app.register("grace");
    await app.register("zo\u00eb");
    const context = { secret: app.secret, ada, grace, message: await app.publish(ada, grace, "hello") };
    for (const each of cases) {
      await t.test(`${each.does}: ${each.status} at ${id}.${each.step}`, async () => {
        const reply = await app.send({ method, path, ...each.send(context) });
        assert.equal(reply.status, each.status, reply.text);
        if (each.json !== undefined) assert.deepEqual(reply.json, each.json(context));
        if (each.status === 200) return;
        if (each.status === 404 && each.field === undefined) {
          assert.equal(reply.text, "", "a 404 for an unknown handle is empty (ruling R8)");
          return;
        }
        assert.equal(reply.headers["content-type"]?.split(";")[0], "application/problem+json");
        assert.equal(reply.json.step, `${id}.${each.step}`);
        assert.equal(reply.json.field, each.field);
        assert.match(reply.json.detail, /^.{15,}[.?]$/, "a sentence");
        assert.equal(reply.headers["www-authenticate"], each.status === 401 ? "Plainchat" : undefined);
      });
    }
    await t.test("no refused request changed anything", async () => {
      const queue = await app.send({ path: "/api/v1/chat", user: grace.user });
      assert.deepEqual(
        queue.json.messages.map(({ message }) => message),
        ["hello"],
      );
      assert.ok(!/"level":"(error|fatal)"/.test(app.logged()), "the log has no errors");
    });
  });
}

/** Refusals that need a race, a disk error or a user who leaves. Other tests cause them. */
const ELSEWHERE = new Map([
  ["chat.post.7.1", "tests/chat.test.ts"],
  ["chat.post.7.2", "server/store/messages.test.ts"],
  ["chat.post.7.3", "server/store/messages.test.ts"],
  ["chat.get.7.1", "tests/chat.test.ts"],
  ["chat.get.7.2", "tests/chat.test.ts"],
  ["chat.patch.5.1", "a message removed at the same moment"],
  ["chat.delete.5.1", "a message removed at the same moment"],
  ["rejoin.post.5.1", "a pupil who leaves at the same moment"],
  ["archives.post.6.1", "tests/class/several-servers.test.ts"],
  ["open.post.6.1", "tests/class/several-servers.test.ts"],
]);

/** tests/class/keys.test.ts tries these steps of every call of the teacher, and finds the calls by itself. */
const OF_EVERY_TEACHER_CALL = ["1.1", "1.2", "1.3", "2", "3"];

test("every step that can refuse a client has a case", async () => {
  const folder = new URL("../server/operations/", import.meta.url);
  const tested = new Set(Object.values(CALLS).flatMap(({ id, cases }) => cases.map(({ step }) => `${id}.${step}`)));
  for (const { id } of ROUTES.filter(({ isForTeacher }) => isForTeacher)) {
    for (const step of OF_EVERY_TEACHER_CALL) tested.add(`${id}.${step}`);
  }
  const ofClass = new URL("class/", import.meta.url);
  for (const name of await readdir(ofClass)) {
    const source = await readFile(new URL(name, ofClass), "utf8");
    for (const [, step = ""] of source.matchAll(/"(\w+\.\w+\.[\d.]+)"/g)) tested.add(step);
  }
  const missing: string[] = [];
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((each) => each.endsWith(".ts"))) {
    const source = await readFile(new URL(name, folder), "utf8");
    for (const [, step = "", status] of source.matchAll(/call\.step = "([^"]+)";.*: (4\d\d)\./g)) {
      if (!tested.has(step) && !ELSEWHERE.has(step)) missing.push(`${step} (${status})`);
    }
  }
  assert.deepEqual(missing, []);
});

/** What is not a 200 at the end of the next test. */
const EXPECTED: Record<string, RegExp> = {
  // Nobody has this code, and after the pupil is removed, no other can be made.
  rejoin: /40[34]$/,
  makeRejoinCode: /200$|404$/,
  // The class is ending by then.
  openArchive: /409$/,
};

test("the curl line for a client that sent nothing works", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const leaving = await app.register("leaving");
  const margaret = await app.register("margaret");
  await app.publish(ada, grace, "hello");
  await app.publish(margaret, margaret, "a message for the teacher to take down");
  const hasNoToken = ["registerUser", "rejoin"];
  for (const { method, path, operation, isStream, isForTeacher } of ROUTES) {
    const { detail } = (await app.send({ method, path })).json;
    const line = /`(curl .*)`\.$/.exec(detail)?.[1] ?? assert.fail(detail);
    assert.ok(line.includes(`${app.origin}${path}`), line);
    assert.equal(line.includes("-u ID:TOKEN"), isForTeacher !== true && !hasNoToken.includes(operation.name));
    assert.equal(line.includes("Bearer TEACHER-KEY"), isForTeacher === true);
    const { user } = operation.name === "removeUser" ? leaving : ada;
    const command = line
      .replace("ID:TOKEN", user)
      .replace("CLASS-SECRET", app.secret)
      .replace("TEACHER-KEY", TEACHER_KEY)
      .replace('"userHandle":"ada"}', '"userHandle":"alan"}')
      .replace('"userId":7', `"userId":${grace.userId}`)
      .replace('"messageId":17', '"messageId":2');
    const expected = EXPECTED[operation.name] ?? /200$/;
    const limit = isStream === true ? "--max-time 1" : "--max-time 10";
    const run = promisify(execFile)("sh", ["-c", `${command} -s -w "%{http_code}" ${limit}`], { cwd: app.root });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    assert.match(stdout, expected, `${command}: ${stdout}`);
  }
  const plain = await startApp(t);
  const odd = await plain.send({ path: "/api/v1/users", headers: { host: "a`b" } });
  assert.match(odd.json.detail, /`curl -u ID:TOKEN http:\/\/127\.0\.0\.1:8080\/api\/v1\/users`\.$/);
});

test("a refusal of the secret says how a secret looks, whatever was wrong with it", async (t) => {
  const app = await startApp(t);
  for (const secret of [undefined, 5, "short", "x".repeat(LONG), "River-Candle-Orbit-Maple"]) {
    const { json } = await app.send({ method: "POST", path: "/api/v1/register", body: { secret, userHandle: "ada" } });
    assert.match(json.detail, /five words with hyphens, all in small letters\./, String(secret));
    assert.equal(json.field, "secret");
  }
});

test("a refusal of missing credentials says once how to send both, whatever names were used", async (t) => {
  const app = await startApp(t);
  const curl =
    "With curl, send both like this: `-u ID:TOKEN`. They are the `userId` and the `authToken` from when you registered.";
  for (const [body, detail] of [
    [{}, `\`myId\` is missing. \`myAuth\` is missing, too. ${curl}`],
    [
      { id: 1, token: "x" },
      `\`myId\` is missing. You sent \`id\` and \`token\`: call them \`myId\` and \`myAuth\`. ${curl}`,
    ],
    [
      { userId: 1, authToken: "x" },
      `\`myId\` is missing. You sent \`userId\` and \`authToken\`: call them \`myId\` and \`myAuth\`. ${curl}`,
    ],
    [
      { userId: 1 },
      `\`myId\` is missing. You sent \`userId\`: send your own as \`myId\`. \`myAuth\` is missing, too. ${curl}`,
    ],
    [{ token: "x" }, `\`myId\` is missing. You sent \`token\`: send your own as \`myAuth\`. ${curl}`],
    [{ myAuth: "x", id: 1 }, "`myId` is missing. You sent `id`: send your own as `myId`."],
  ] as const) {
    const { json } = await app.send({ path: "/api/v1/chat", body });
    assert.equal(json.detail, detail);
    assert.equal(json.field, "myId");
  }
  const { json } = await app.send({ path: "/api/v1/chat", body: { myId: 1, token: "x" } });
  assert.equal(json.detail, "`myAuth` is missing. You sent `token`: send your own as `myAuth`.");
});

test("a refusal of a token or secret says that there is a blank or a line break around it", async (t) => {
  const app = await startApp(t);
  const { userId, authToken } = await app.register("ada");
  const refused = async (authorization: string) => {
    const headers = { authorization: `Basic ${Buffer.from(authorization).toString("base64")}` };
    const { status, json } = await app.send({ path: "/api/v1/chat", headers });
    return `${status} ${json.field}: ${json.detail}`;
  };
  const wrong = "403 myAuth: `myAuth` is not the token of this `myId`. Send the `authToken` from the reply.";
  assert.equal(await refused(`${userId}:${authToken}\n`), `${wrong} Yours has a line break at its end: leave it out.`);
  assert.equal(await refused(`${userId}:${authToken} `), `${wrong} Yours has a blank at its end: leave it out.`);
  assert.equal(await refused(`${userId}: ${authToken}`), `${wrong} Yours has a blank at its start: leave it out.`);
  assert.equal(await refused(`${userId}:${authToken.toUpperCase()}`), wrong);
  assert.match(await refused(` ${userId}:${authToken}`), /^400 myId: .* a blank or a line break around the number/);
  for (const end of ["", "\n"]) {
    assert.match(
      await refused(`${authToken}:${userId}${end}`),
      /^400 myId: .*your token as `myId` and your id as `myAuth`/,
    );
  }
  const body = { secret: `${app.secret} `, userHandle: "grace" };
  const { json } = await app.send({ method: "POST", path: "/api/v1/register", body });
  assert.match(json.detail, /^`secret` is not the class secret\..* Yours has a blank at its end: leave it out\.$/);
});
