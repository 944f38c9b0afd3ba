/**
 * Tests the HTTP edge of the server: requests that are malformed, too large, too slow, too many, or for an unknown
 * address. Also the headers of every reply, and what the log must never contain.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { unlink, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { FAILED_ATTEMPTS } from "../server/http/limits/rate-limit.ts";
import { PROBLEM_TYPES } from "../server/http/reply/problem-types.ts";
import { MAX_PIPELINED } from "../server/http/request/pipelining.ts";
import { atEnd } from "../testing/at-end.ts";
import { startApp } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";
const REGISTER = "/api/v1/register";

/** Sends raw bytes. @returns everything that comes back until the server closes the connection. */
async function sendRaw(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let reply = "";
  socket.on("data", (piece) => {
    reply += piece;
  });
  // After a refusal, the server may close the connection before it has read the whole request.
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return reply;
}

test("every reply has the security headers and a Request-Id", async (t) => {
  const app = await startApp(t);
  for (const path of ["/healthz", "/readyz", "/nothing", CHAT, "/problems/forbidden", "/metrics"]) {
    const { headers } = await app.send({ path });
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.equal(headers["cache-control"], "no-store", path);
    assert.match(String(headers["content-security-policy"]), /default-src 'none'/, path);
    assert.match(String(headers["request-id"]), /^[0-9a-f]{8}-\d+$/, path);
  }
});

test("every reply with text says that it is in UTF-8", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const paths = ["/", "/projector", "/favicon.ico", "/docs", "/docs/start.js", "/docs/reference.css", "/openapi.json"];
  paths.push("/web/main.ts", "/web/main.ts.map", "/web/styles/base.css", "/web/languages/en.json", "/uqr/index.mjs");
  paths.push("/problems/forbidden", "/metrics", "/healthz", "/readyz", "/nothing", "/api/v1/class", CHAT);
  paths.push(`${CHAT}/stream`, "/api/v1/explain", "/%");
  for (const path of paths) {
    const user = path.startsWith("/api") ? ada.user : undefined;
    // A HEAD gets the headers of a stream, and ends.
    const { headers, status } = await app.send({ method: "HEAD", path, ...(user !== undefined && { user }) });
    assert.match(String(headers["content-type"]), /; charset=utf-8(;|$)/i, `${path}: ${status}`);
  }
});

test("HEAD does what GET does, with a body too, and sends only the headers", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const { userId: myId, authToken: myAuth } = ada;
  for (const request of [
    { path: CHAT, body: { myId, myAuth } },
    { path: CHAT, body: { myId, myAuth, limit: 0 } },
    { path: CHAT, body: { myId, myAuth: "wrong-but-long-enough" } },
    { path: CHAT, body: { myId: 99, myAuth } },
    { path: CHAT, body: { myId }, user: `2:${myAuth}` },
    { path: CHAT, body: "{" },
    { path: CHAT, body: "é".repeat(40_000) },
    { path: `${CHAT}?limit=5`, body: { limit: 6 }, user: ada.user },
    { path: "/api/v1/users", body: { myId, myAuth } },
    { path: REGISTER, body: { myId, myAuth, userHandle: "ada" } },
    { path: REGISTER, body: { myId, myAuth, userHandle: "nobody" } },
    { path: "/healthz", body: "{" },
    { path: "/nothing", body: "{}" },
  ]) {
    const [get, head] = await Promise.all(["GET", "HEAD"].map((method) => app.send({ method, ...request })));
    assert.equal(head?.status, get?.status, JSON.stringify(request));
    assert.equal(head?.text, "");
    for (const name of ["content-type", "content-length", "www-authenticate", "connection"]) {
      assert.equal(head?.headers[name], get?.headers[name], name);
    }
  }
});

test("an unknown address gets a 404 with a sentence, and a wrong method gets a 405 with Allow", async (t) => {
  const app = await startApp(t);
  const missing = await app.send({ path: "/api/v2/chat" });
  assert.equal(missing.status, 404);
  assert.match(missing.json.detail, /nothing at this address/);
  const wrong = await app.send({ method: "PUT", path: "/api/v1/users" });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.allow, "GET, HEAD, QUERY");
  assert.equal((await app.send({ method: "DELETE", path: "/healthz" })).status, 405);
});

test("an address that looks like a route pattern gets a 404", async (t) => {
  const app = await startApp(t);
  for (const path of [
    "/*/a",
    "/**",
    "/:a(",
    "/:a(.*",
    "/a:b(^",
    "/:",
    "/api/v1/explain/*/:id",
    "/__proto__",
    "/constructor",
  ]) {
    const reply = await app.send({ method: "POST", path });
    assert.equal(reply.status, 404, `${path}: ${reply.text}`);
    assert.match(reply.json.detail, /nothing at this address/);
  }
});

test("a compressed body gets a 415 that asks for an uncompressed one, on every call and address", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const body = { userHandle: "ada", message: "hello" };
  for (const coding of ["gzip", "GZIP", "x-gzip", "br", "deflate", "zstd", "identity, gzip", "gzip, identity", "aes"]) {
    for (const [method, path] of [
      ["POST", CHAT],
      ["GET", CHAT],
      ["GET", `${CHAT}?limit=5`],
      ["POST", "/healthz"],
    ] as const) {
      const user = ada.user;
      const reply = await app.send({
        method,
        path,
        user,
        body: gzipSync("{}"),
        headers: { "content-encoding": coding },
      });
      assert.equal(reply.status, 415, `${coding}: ${reply.text}`);
      assert.equal(reply.headers["accept-encoding"], "identity");
      assert.equal(reply.json.type, "/problems/unsupported-media-type");
      assert.match(reply.json.detail, /`Content-Encoding`/);
    }
  }
  for (const coding of ["identity", "Identity", "", "identity, identity"]) {
    const headers = { "content-encoding": coding };
    assert.equal((await app.send({ method: "POST", path: CHAT, user: ada.user, body, headers })).status, 200, coding);
  }
});

test("a Content-Type with a syntax error gets a 400, whatever is wrong with it, and every other type is fine", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const send = (type: string) => {
    const body = { userHandle: "ada", message: "hello" };
    return app.send({ method: "POST", path: CHAT, user: ada.user, body, headers: { "content-type": type } });
  };
  for (const wrong of [
    "json",
    "application/",
    "/json",
    "a/b c",
    "application/json; charset",
    "application/json; charset=",
    'a/b; c="d',
  ]) {
    const { status, json } = await send(wrong);
    assert.equal(status, 400, wrong);
    assert.match(json.detail, /^The server cannot read your `Content-Type` header/);
  }
  for (const right of [
    "text/plain",
    "APPLICATION/JSON",
    "a/b;",
    "a/b ; c=d;e=f",
    'a/b; c="d \\" e"',
    "application/x-www-form-urlencoded",
  ]) {
    assert.equal((await send(right)).status, 200, right);
  }
  const began = performance.now();
  assert.equal((await send(`a/b${" ;".repeat(6000)}x`)).status, 400);
  assert.ok(performance.now() - began < 2000, "a long header does not keep the server busy");
});

test("a URL whose percent signs cannot be decoded gets a 400 that says how to write them", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const alone = /must be followed by two hexadecimal digits.*%25/;
  const notUtf8 = /must be those of UTF-8.*é is %C3%A9/;
  for (const [path, detail, field] of [
    [`${REGISTER}?userHandle=caf%E9`, notUtf8, "userHandle"],
    [`${REGISTER}?userHandle=100%`, alone, "userHandle"],
    [`${REGISTER}?userHandle=%zz`, alone, "userHandle"],
    [`${REGISTER}?userHandle=%C3&limit=5`, notUtf8, "userHandle"],
    [`${REGISTER}?limit=5&userHandle=%C3&%A9`, notUtf8, "userHandle"],
    // Half a character, and a number that is no character.
    [`${REGISTER}?userHandle=%ED%A0%80`, notUtf8, "userHandle"],
    [`${REGISTER}?userHandle=%F4%90%80%80`, notUtf8, "userHandle"],
    [`${CHAT}?%E9=1`, notUtf8, undefined],
    [`${CHAT}/stream?box=%`, alone, "box"],
    [`${CHAT}%`, alone, undefined],
    ["/api/v1/explain/%E9", notUtf8, undefined],
    ["/problems/%", alone, undefined],
    ["/web/%c3%28", notUtf8, undefined],
    ["/healthz?%", alone, undefined],
    ["/nothing?a=%E9", notUtf8, "a"],
  ] as const) {
    for (const method of ["GET", "POST"]) {
      const reply = await app.send({ method, path, user: ada.user });
      assert.equal(reply.status, 400, `${path}: ${reply.text}`);
      assert.match(reply.json.detail, detail, path);
      assert.equal(reply.json.field, field, path);
      assert.match(String(reply.headers["request-id"]), /-\d+$/);
    }
  }
  const message = "hello%20world%20100%25%20%C3%A9+%2B";
  const sent = await app.send({ method: "POST", path: `${CHAT}?userHandle=ada&message=${message}`, user: ada.user });
  assert.equal(sent.status, 200);
  const [stored] = (await app.send({ path: CHAT, user: ada.user })).json.messages;
  assert.equal(stored?.message, "hello world 100% é +");
});

test("a body of more than 64 KiB gets a 413, and the longest message fits, even with every character escaped", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const large = await app.send({ method: "POST", path: CHAT, body: " ".repeat(65_537) });
  assert.equal(large.status, 413);
  assert.equal(large.json.type, "/problems/content-too-large");
  const escaped = String.raw`\ud83d\ude00`.repeat(4096);
  const body = `{"myId":${ada.userId},"myAuth":"${ada.authToken}","userHandle":"ada","message":"${escaped}"}`;
  const longest = await app.send({ method: "POST", path: CHAT, body });
  assert.equal(longest.status, 200, longest.text);
  const [seen] = (await app.send({ path: CHAT, user: ada.user })).json.messages;
  assert.equal(seen?.message, "\u{1f600}".repeat(4096));
});

for (const [what, text, status] of [
  ["is not HTTP", "hello\r\n\r\n", 400],
  ["has headers of 20 KiB", `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["has two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400],
  [
    "has a length and chunks",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
  ],
  [
    "has a chunk extension of 20 KiB",
    `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=${"x".repeat(20_000)}`,
    400,
  ],
  ["has half a percent sign", "GET /% HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400],
] as const) {
  test(`a request that ${what} gets a ${status} and a problem`, async (t) => {
    const app = await startApp(t);
    const reply = await sendRaw(app.origin, text);
    assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(reply, /application\/problem\+json/);
    assert.match(reply, /nosniff/);
    assert.equal((await app.send({ path: "/healthz" })).status, 200);
  });
}

for (const [what, head, status, sentence] of [
  ["no Host", "GET /healthz HTTP/1.1", 400, /`Host` header is missing/],
  ["two Hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nhost: b", 400, /more than one `Host` header/],
  [
    "chunks in HTTP/1.0",
    "POST /healthz HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked",
    400,
    /HTTP\/1\.0/,
  ],
  ["an unknown Expect", "GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: tea", 417, /100-continue/],
] as const) {
  test(`a request with ${what} gets a ${status} with a problem and a Request-Id, and its connection is closed`, async (t) => {
    const app = await startApp(t);
    const reply = await sendRaw(app.origin, `${head}\r\n\r\n`);
    assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(reply, /application\/problem\+json/);
    assert.match(reply, /^request-id: /m);
    assert.match(reply, sentence);
  });
}

test("an unreadable request is answered after the requests before it", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const body = JSON.stringify({ myId: ada.userId, myAuth: ada.authToken, userHandle: "ada", message: "hello" });
  const publish = `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const replies = await sendRaw(app.origin, `${publish}${publish}rubbish\r\n\r\n`);
  const statuses = [...replies.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  assert.deepEqual(statuses, ["200", "200", "400"]);
  const last = await sendRaw(
    app.origin,
    `${publish.replace("Host: a", "Host: a\r\nConnection: close")}rubbish\r\n\r\n`,
  );
  assert.match(last, /^HTTP\/1.1 200 /);
  assert.ok(!last.includes("HTTP/1.1 400"), "nothing after the last request is answered");
});

test("a client that offers another protocol gets an answer over HTTP/1.1 and Connection: close", async (t) => {
  const app = await startApp(t);
  const offer =
    "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk";
  const reply = await sendRaw(app.origin, `${offer}\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`);
  assert.match(reply, /^HTTP\/1.1 200 /);
  assert.match(reply, /^connection: close\r$/im);
});

test("pipelined requests are done one after the other, and too many of them end the connection", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  for (let i = 0; i < 50; i++) await app.publish(ada, ada, "x".repeat(4000));
  const basic = Buffer.from(ada.user).toString("base64");
  const page = `GET ${CHAT}?limit=50 HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${basic}\r\n\r\n`;
  const served = async () => {
    const { text } = await app.send({ path: "/metrics" });
    return Number(/operation="fetchQueue",status="200"} (\d+)/.exec(text)?.[1]);
  };
  const { hostname, port } = new URL(app.origin);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.pause();
  socket.write(page.repeat(200));
  await setTimeout(500);
  assert.ok((await served()) < 60, "a client that does not read gets no more than fits in the system's buffers");
  socket.destroy();
  // 200 KB do not fit into a socket's buffer, so the first reply is still on its way when the last request comes.
  assert.equal(
    await sendRaw(app.origin, page.repeat(MAX_PIPELINED + 2)).then((text) => text.includes("HTTP/1.1 400")),
    false,
  );
});

test("a request after one that ends the connection is never done", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const body = JSON.stringify({ myId: ada.userId, myAuth: ada.authToken, userHandle: "ada", message: "hidden" });
  const hidden = `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const { hostname, port } = new URL(app.origin);
  for (let i = 0; i < 10; i++) {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const gone = once(socket, "close");
    let replies = "";
    socket.on("data", (piece) => {
      replies += piece;
    });
    socket.write(hidden.replace("hidden", "hello!").repeat(i));
    while (replies.split("HTTP/1.1 200").length <= i) await once(socket, "data");
    socket.write(`GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${hidden}`);
    await gone;
  }
  const { messages } = (await app.send({ path: `${CHAT}?limit=200`, user: ada.user })).json;
  assert.equal(messages.length, 45);
  assert.ok(messages.every(({ message }) => message === "hello!"));
});

test("HTTP/1.0 without a Host and Expect: 100-continue are accepted", async (t) => {
  const app = await startApp(t);
  assert.match(await sendRaw(app.origin, "GET /healthz HTTP/1.0\r\n\r\n"), /^HTTP\/1.1 200 /);
  const expecting =
    "PATCH /api/v1/chat HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2";
  assert.match(await sendRaw(app.origin, `${expecting}\r\n\r\n{}`), /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 400 /);
});

test("a client that sends its headers too slowly gets a 408", async (t) => {
  const app = await startApp(t);
  const started = Date.now();
  const reply = await sendRaw(app.origin, "GET /healthz HTTP/1.1\r\nHost: a\r\n");
  assert.match(reply, /^HTTP\/1.1 408 /);
  assert.match(reply, /took too long/);
  assert.ok(Date.now() - started < 15_000);
});

test("a fetch that waits is forgotten when its client disconnects", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const { hostname, port } = new URL(app.origin);
  const socket = connect(Number(port), hostname);
  const authorization = Buffer.from(ada.user).toString("base64");
  socket.write(`GET ${CHAT}?wait=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${authorization}\r\n\r\n`);
  const waiting = async () => /plainchat_waiting_fetches (\d+)/.exec((await app.send({ path: "/metrics" })).text)?.[1];
  while ((await waiting()) !== "1") await setTimeout(5);
  socket.destroy();
  while ((await waiting()) !== "0") await setTimeout(5);
});

test("many fetches on one connection leave no event listeners", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.message);
  process.on("warning", note);
  atEnd(t, () => process.off("warning", note));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  atEnd(t, () => agent.destroy());
  for (let i = 0; i < 30; i++) {
    const reply = await app.send({ path: CHAT, user: ada.user, agent });
    assert.equal(reply.status, 200);
  }
  await setTimeout(10);
  assert.deepEqual(warnings, []);
});

test("too many wrong tokens from one address get a 429, and the right token still works", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const wrong = { path: CHAT, user: `${ada.userId}:wrong-but-long-enough` };
  for (let i = 0; i < FAILED_ATTEMPTS; i++) assert.equal((await app.send(wrong)).status, 403);
  assert.equal((await app.send(wrong)).status, 429);
  assert.equal((await app.send({ path: CHAT, user: ada.user })).status, 200);
});

test("an unknown id is not a guess at a token, so it gets a 401 however often it comes", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const unknown = { path: CHAT, user: `99:${ada.authToken}` };
  for (let i = 0; i < FAILED_ATTEMPTS + 5; i++) assert.equal((await app.send(unknown)).status, 401);
  const wrong = { path: CHAT, user: `${ada.userId}:wrong-but-long-enough` };
  assert.equal((await app.send(wrong)).status, 403);
  for (let i = 1; i < FAILED_ATTEMPTS; i++) await app.send(wrong);
  assert.equal((await app.send(wrong)).status, 429);
  assert.equal((await app.send(unknown)).status, 401);
});

test("a class of 30 behind one address can mistype its tokens without reaching the limit", async (t) => {
  const app = await startApp(t);
  for (let i = 0; i < 30; i++) {
    const person = await app.register(`person-${i}`);
    for (let attempt = 0; attempt < 9; attempt++) {
      const reply = await app.send({ path: CHAT, user: `${person.userId}:mistyped-mistyped` });
      assert.equal(reply.status, 403);
    }
    assert.equal((await app.send({ path: CHAT, user: person.user })).status, 200);
  }
});

test("the log has no secrets, tokens, message texts or query strings", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  await app.publish(ada, ada, "a text that is nobody's business");
  const wrong = { secret: "a-wrong-secret-of-somebody", userHandle: "alan" };
  await app.send({ method: "POST", path: REGISTER, body: wrong });
  await app.send({ path: `${CHAT}?myAuth=${ada.authToken}&userHandle=quiet-handle` });
  await app.send({ path: CHAT, user: ada.user });
  await app.send({ method: "POST", path: CHAT, body: `{"myAuth":"${ada.authToken}"` });
  const logged = app.logged();
  assert.ok(logged.includes(CHAT) && logged.includes('"status":403'), "the requests are logged");
  for (const hidden of [app.secret, ada.authToken, "nobody's business", wrong.secret, "quiet-handle", "Basic"]) {
    assert.ok(!logged.includes(hidden), hidden);
  }
});

test("no problem shows a path, a stack or the client's input", async (t) => {
  const app = await startApp(t);
  const nasty = "../../etc/passwd<script>";
  for (const request of [
    { path: `/${encodeURIComponent(nasty)}` },
    { method: "POST", path: REGISTER, body: { secret: nasty, userHandle: nasty } },
    { method: "POST", path: CHAT, body: { myId: nasty, myAuth: nasty, [nasty]: 1 } },
    { path: `${CHAT}?box=${encodeURIComponent(nasty)}&limit=${encodeURIComponent(nasty)}`, user: `1:${nasty}` },
  ]) {
    const reply = await app.send(request);
    assert.ok(reply.status >= 400 && reply.status < 500, reply.text);
    assert.ok(!/passwd|script|node_modules|\.ts\b|\/tmp|\n {4}at /.test(reply.text), reply.text);
  }
});

test("the type of every problem leads to a page that explains it", async (t) => {
  const app = await startApp(t);
  for (const { slug, title, status } of PROBLEM_TYPES) {
    const page = await app.send({ path: `/problems/${slug}` });
    assert.equal(page.status, 200);
    assert.match(page.text, new RegExp(`<h1>${status} ${title}</h1>`));
  }
  assert.equal((await app.send({ path: "/problems/nothing" })).status, 404);
});

test("/metrics counts requests by operation and status, and the contents of the store", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  await app.publish(ada, ada, "counted");
  await app.send({ path: CHAT });
  const { text } = await app.send({ path: "/metrics" });
  for (const line of [
    'plainchat_requests_total{operation="publishMessage",status="200"} 1',
    'plainchat_requests_total{operation="fetchQueue",status="400"} 1',
    "plainchat_users 1",
    "plainchat_messages 1",
    "plainchat_waiting_fetches 0",
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test("a misspelt address gets a 404 that names the right one", async (t) => {
  const app = await startApp(t);
  for (const [path, hint] of [
    ["/api/v1/regster", "Did you mean `/api/v1/register`?"],
    ["/register?userHandle=ada", "Did you mean `/api/v1/register`?"],
    ["/api/v1/chats", "Did you mean `/api/v1/chat`?"],
    ["/something-else", "See /docs for all addresses."],
  ]) {
    const { status, json } = await app.send({ method: "POST", path: path ?? "" });
    assert.equal(status, 404);
    assert.equal(json.detail, `There is nothing at this address. ${hint}`);
  }
});

test("/readyz says why nobody can register", async (t) => {
  const app = await startApp(t);
  const secretFile = join(app.root, "users", "secret.dat");
  const ready = async () => (await app.send({ path: "/readyz" })).text;
  assert.equal(await ready(), '{"ready":true,"filesAside":0,"problems":[]}');
  await writeFile(secretFile, "short");
  assert.match(await ready(), /must be 12 to 64 characters long/);
  await writeFile(secretFile, `\ufeff ${app.secret} \r\n`);
  assert.match(await ready(), /"problems":\[\]/);
  await writeFile(secretFile, "two-words-here\nand-more");
  assert.match(await ready(), /has a line break in it, so nobody can register\. Put one secret on one line/);
  await unlink(secretFile);
  const reply = await app.send({ path: "/readyz" });
  assert.equal(reply.status, 503);
  assert.match(reply.text, /cannot be read/);
  const body = { secret: app.secret, userHandle: "ada" };
  const refused = await app.send({ method: "POST", path: REGISTER, body });
  assert.equal(refused.status, 500);
  assert.equal(refused.json.step, "register.post.2.1");
});
