/**
 * Tests that the class sees every mistake, also those that reach no call, and whom each request says it is from. A name
 * that nobody has proved must not look proved.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import type { Trace } from "../server/explain/trace.ts";
import { listen } from "../testing/listen.ts";
import type { Request } from "../testing/request.ts";
import { startApp } from "../testing/start-app.ts";
import { seenInClass } from "../web/glass/seen-request.ts";

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";

test("the usual mistakes are in the class's feed, with the name that each request claims", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { secret } = app;
  const hannah = await app.register("hannah");
  const { user, userId, authToken } = hannah;
  await app.register("grace");
  const watcher = await listen(t, app.origin, { path: "/api/v1/explain" });
  const me = { myId: userId, myAuth: authToken };
  const post = { method: "POST", path: CHAT };
  const [claims, proved] = [
    { userId, proved: false },
    { userId, proved: true },
  ];
  const mistakes: [what: string, request: Request, status: number, from: object | undefined][] = [
    ["a wrong token", { path: CHAT, user: `${userId}:012345678901` }, 403, claims],
    ["a missing field", { ...post, body: { ...me, userHandle: "grace" } }, 400, claims],
    ["a misspelt field", { ...post, body: { ...me, userHandle: "grace", mesage: "hi" } }, 400, claims],
    ["a body that is not JSON", { ...post, user, body: "{userHandle: grace}" }, 400, claims],
    ["the same, with the token in it", { ...post, body: `{"myId":${userId},"myAuth":"${authToken}",}` }, 400, claims],
    ["a form", { ...post, body: `myId=${userId}&userHandle=grace` }, 400, claims],
    ["Python's own way to print", { ...post, body: `{'myId': ${userId}, 'userHandle': 'grace'}` }, 400, claims],
    [
      "a registration that is not JSON",
      { method: "POST", path: REGISTER, body: `{"secret":"${secret}","userHandle":"maya"` },
      400,
      { userHandle: "maya", proved: false },
    ],
    ["two ids", { ...post, body: `{"myId":${userId},"myId":7}` }, 400, undefined],
    ["a field twice", { ...post, body: `{"myId":${userId},"message":"a","message":"b"}` }, 400, claims],
    ["a token without base64", { path: CHAT, headers: { authorization: `Basic ${user}` } }, 400, claims],
    [
      "the id in a body that is not JSON, at a wrong address",
      { ...post, path: "/chat", body: `myId=${userId}` },
      404,
      claims,
    ],
    ["the same with a wrong method", { ...post, method: "PUT", body: `{"myId":${userId}` }, 405, claims],
    [
      "a text that is too long",
      { ...post, user, body: { userHandle: "grace", message: "x".repeat(5000) } },
      400,
      claims,
    ],
    ["a body that is too long", { ...post, user, body: "x".repeat(70_000) }, 413, claims],
    ["a number in the place of a text", { ...post, user, body: { userHandle: "grace", message: 5 } }, 400, claims],
    ["an unknown recipient", { ...post, user, body: { userHandle: "nobody", message: "hi" } }, 404, proved],
    ["an id in quotes", { path: CHAT, body: { ...me, myId: String(userId) } }, 400, claims],
    ["a token in the URL", { path: `${CHAT}?myId=${userId}&myAuth=${authToken}` }, 400, claims],
    ["no token", { path: `${CHAT}?myId=${userId}` }, 400, claims],
    ["an unknown id", { path: CHAT, user: "77:012345678901" }, 401, { userId: 77, proved: false }],
    [
      "a wrong secret",
      { method: "POST", path: REGISTER, body: { secret: "012345678901", userHandle: "hannah" } },
      403,
      { userHandle: "hannah", proved: false },
    ],
    [
      "a secret that is missing",
      { method: "POST", path: REGISTER, body: { userHandle: "maya" } },
      401,
      { userHandle: "maya", proved: false },
    ],
    [
      "a handle that is taken",
      { method: "POST", path: REGISTER, body: { secret, userHandle: "grace" } },
      409,
      { userHandle: "grace", proved: false },
    ],
    [
      "a handle that is too long",
      { method: "POST", path: REGISTER, body: { secret, userHandle: "m".repeat(65) } },
      400,
      { userHandle: "(65 characters)", proved: false },
    ],
    [
      "a lookup that is sent as POST",
      { method: "POST", path: REGISTER, body: { ...me, userHandle: "grace" } },
      401,
      claims,
    ],
    ["a wrong address", { method: "POST", path: "/api/v1/chats", user, body: { message: "hi" } }, 404, claims],
    ["a wrong address, with the id in the body", { method: "POST", path: "/chat", body: me }, 404, claims],
    [
      "a registration at a wrong address",
      { method: "POST", path: "/api/v1/regster", body: { secret, userHandle: "maya" } },
      404,
      { userHandle: "maya", proved: false },
    ],
    ["a wrong method", { method: "PUT", path: CHAT, user, body: { message: "hi" } }, 405, claims],
    ["a wrong method, with the id in the query", { method: "POST", path: `/api/v1/users?myId=${userId}` }, 405, claims],
    ["a wrong content type", { method: "QUERY", path: CHAT, user, headers: { "content-type": "?" } }, 400, claims],
    ["a bad percent sign in the path", { path: "/api/v1/%zz", user }, 400, claims],
    ["an unknown expectation", { path: CHAT, user, headers: { expect: "a miracle" } }, 417, claims],
  ];
  for (const [i, [what, request, status, from]] of mistakes.entries()) {
    const reply = await app.send(request);
    assert.equal(reply.status, status, `${what}: ${reply.text}`);
    await watcher.until(() => watcher.events.length > i);
    const trace = watcher.events[i]?.data as unknown as Trace;
    assert.deepEqual(
      { status: trace.status, method: trace.request.method, sender: trace.request.sender },
      { status, method: request.method ?? "GET", sender: from },
      what,
    );
    if (reply.text !== "") assert.equal(trace.reason, reply.json.detail, what);
    const { sender, isClaimed } = seenInClass(trace, (id) => (id === userId ? "hannah" : undefined));
    if (from === undefined) assert.deepEqual([sender, isClaimed], ["?", false], what);
    else assert.equal(isClaimed, !("proved" in from && from.proved), what);
    if (from === claims) assert.equal(sender, "hannah", what);
  }
  // A registration that succeeds proves the handle, and a token that is right proves the id.
  await app.register("maya");
  await app.send({ path: CHAT, user });
  await watcher.until(() => watcher.events.length === mistakes.length + 2);
  const last = watcher.events.slice(-2).map(({ data }) => (data as unknown as Trace).request.sender);
  assert.deepEqual(last, [{ userHandle: "maya", proved: true }, proved]);
  assert.ok(!watcher.text().includes(secret) && !watcher.text().includes(authToken));
});

test("the class sees a request that the server cannot read as HTTP, and who claims to send it", {
  timeout: 20_000,
}, async (t) => {
  const app = await startApp(t, { isClass: true });
  const hannah = await app.register("hannah");
  const watcher = await listen(t, app.origin, { path: "/api/v1/explain" });
  const basic = `Authorization: Basic ${Buffer.from(hannah.user).toString("base64")}`;
  const requests = [
    [`GET /api/v1/chat?a b HTTP/1.1\r\nHost: x\r\n${basic}\r\n\r\n`, 400, "GET", "/api/v1/chat", hannah.userId],
    [`GET /${hannah.authToken} x HTTP/1.1\r\nHost: x\r\n\r\n`, 400, "GET", "/(32 characters, not shown)", undefined],
    [
      `GET ${CHAT} HTTP/1.1\r\nHost: x\r\n${basic}\r\nX: ${"x".repeat(17_000)}\r\n\r\n`,
      431,
      "GET",
      CHAT,
      hannah.userId,
    ],
    [`GET ${CHAT} HTTP/1.1\r\nHost x\r\n\r\n{"myId":${hannah.userId}}`, 400, "GET", CHAT, hannah.userId],
    ["\u0016\u0003\u0001\u0002", 400, "", "", undefined],
  ] as const;
  for (const [i, [bytes, status, method, path, userId]] of requests.entries()) {
    const socket = connect(Number(new URL(app.origin).port), "127.0.0.1", () => socket.write(bytes));
    socket.resume();
    await once(socket, "close");
    await watcher.until(() => watcher.events.length > i);
    const trace = watcher.events[i]?.data as unknown as Trace;
    const { request } = trace;
    assert.deepEqual([trace.status, trace.operation, request.method, request.path], [status, "", method, path]);
    assert.deepEqual(request.sender, userId === undefined ? undefined : { userId, proved: false });
  }
});

test("a wrong address or method with `Explain: 1` has a trace, and no steps in it", async (t) => {
  const app = await startApp(t);
  for (const [method, path, status] of [
    ["GET", "/api/v1/nowhere", 404],
    ["PUT", CHAT, 405],
  ] as const) {
    const plain = await app.send({ method, path });
    const { headers, text } = await app.send({ method, path, headers: { explain: "1" } });
    assert.equal(text, plain.text);
    const link = /<(.*)>/.exec(String(headers.link))?.[1] ?? assert.fail("there is no link");
    const trace = JSON.parse((await app.send({ path: link })).text) as Trace;
    assert.deepEqual([trace.status, trace.operation, trace.steps], [status, "", []]);
  }
});
