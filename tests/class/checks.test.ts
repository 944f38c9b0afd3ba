/**
 * Tests the check of a pupil's server: that it goes to the pupil's own address and nowhere else, that it ends whatever
 * the server does, that the class goes on meanwhile, and that the result is the pupil's progress.
 */
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../check/node/free-port.ts";
import { addressToCheck } from "../../server/checks/address-to-check.ts";
import type { CheckState } from "../../server/checks/contract.ts";
import { keptNames } from "../../testing/kept.ts";
import { type Person, type RunningApp, startApp } from "../../testing/start-app.ts";

const path = "/api/v1/class/checks";
const SECRET = "river-candle-orbit-maple";
const PATIENCE_MILLISECONDS = 60_000;

type Headers = Record<string, string>;

function begin(app: RunningApp, { user }: Person, port: number, { lesson = 1, headers = {} as Headers } = {}) {
  return app.send({ method: "POST", path, user, body: { port, lesson, secret: SECRET }, headers });
}

async function seen(app: RunningApp, { user }: Person): Promise<CheckState> {
  return (await app.send({ path, user })).json as unknown as CheckState;
}

/** Waits for the end of somebody's check. */
async function ended(app: RunningApp, person: Person): Promise<CheckState> {
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const state = await seen(app, person);
    if (!state.isRunning) return state;
    assert.ok(performance.now() < deadline, JSON.stringify(state));
    await pause(30);
  }
}

/** A pupil's server. @returns its port, and the requests that came. */
async function pupilsServer(t: TestContext, answer: RequestListener, port = 0) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  t.after(stop);
  return { port: (server.address() as { port: number }).port, asked, stop };
}

async function hostileServer(t: TestContext, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

const HELLO: RequestListener = (_request, response) => response.end("hello\n");

test("a check passes a lesson, fails the next one in plain words, and both are the pupil's progress", async (t) => {
  const app = await startApp(t, { isClass: true, checks: { pauseMilliseconds: 0 } });
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const { port, asked } = await pupilsServer(t, HELLO);
  const first = await begin(app, ada, port);
  assert.deepEqual(
    [first.status, first.json],
    [200, { port, lesson: 1, isRunning: true, done: 0, total: 0, mustRestart: false }],
  );
  assert.deepEqual(await ended(app, ada), {
    ...{ port, lesson: 1, isRunning: false, done: 1, total: 1, mustRestart: false },
    ...{ passed: 1, leftOut: [] },
  });
  assert.equal(asked.length, 1);
  assert.equal((await begin(app, ada, port, { lesson: 2 })).status, 200);
  const { failure, passed } = await ended(app, ada);
  assert.equal(passed, 1);
  assert.equal(failure?.case, "register");
  assert.match(failure?.request ?? "", /^POST \/api\/v1\/register\n\n\{"secret":"river-candle-orbit-maple"/);
  assert.match(failure?.received ?? "", /^status 200\n[\s\S]*hello$/);
  assert.ok(failure?.expected !== undefined && failure.hint.length > 10 && failure.mistakes.length > 0);
  await pause(50);
  const own = await app.send({ path: "/api/v1/class/progress", user: ada.user });
  const { lessons } = own.json as unknown as { lessons: Record<string, unknown>[] };
  assert.deepEqual(
    lessons.map(({ lesson, case: failing, passedAt }) => [lesson, failing, passedAt !== undefined]),
    [
      [1, undefined, true],
      [2, "register", false],
    ],
  );
  // Nobody else can see it.
  assert.equal((await app.send({ path, user: grace.user })).status, 404);
});

test("the address is the one that the request came from, and nothing in the request changes it", async (t) => {
  const app = await startApp(t, { isClass: true, checks: { pauseMilliseconds: 0 } });
  const ada = await app.register("ada");
  const { port, asked } = await pupilsServer(t, HELLO);
  const body = { port, lesson: 1, secret: SECRET };
  for (const more of [
    { host: "198.51.100.7" },
    { address: "198.51.100.7", url: "http://198.51.100.7", hostname: "www.example.org", ip: "::1" },
  ]) {
    assert.equal((await app.send({ method: "POST", path, user: ada.user, body: { ...body, ...more } })).status, 200);
    assert.equal((await ended(app, ada)).passed, 1, JSON.stringify(more));
  }
  assert.equal(asked.length, 2);
  // A name, an address with a port, another way to write a port: none of them is a port.
  for (const wrong of [`127.0.0.1:${port}`, `${port}`, "localhost", [port], { port }, port + 0.5, -port, null, true]) {
    const reply = await app.send({ method: "POST", path, user: ada.user, body: { ...body, port: wrong } });
    assert.deepEqual([reply.status, reply.json.step], [400, "checks.post.1.7"], JSON.stringify(wrong));
  }
  assert.equal(asked.length, 2);
});

test("without --trust-proxy, a header that names another client is not believed, and no check of this computer begins", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const { port, asked } = await pupilsServer(t, HELLO);
  for (const headers of [
    { "x-forwarded-for": "198.51.100.7" },
    { "x-forwarded-for": "127.0.0.1" },
    { forwarded: "for=198.51.100.7" },
    { "x-real-ip": "198.51.100.7" },
    { via: "1.1 school" },
  ]) {
    const reply = await begin(app, ada, port, { headers });
    assert.deepEqual([reply.status, reply.json.step], [403, "checks.post.4.2"], JSON.stringify(headers));
  }
  assert.deepEqual(asked, []);
});

test("with --trust-proxy, the address is the one that the proxy has added, and never the server's own computer", async (t) => {
  const app = await startApp(t, { isClass: true, trustedProxies: 1, checks: { pauseMilliseconds: 0 } });
  const ada = await app.register("ada");
  const { port, asked } = await pupilsServer(t, HELLO);
  const through = (address: string) => begin(app, ada, port, { headers: { "x-forwarded-for": address } });
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0.0.0.0", "::", "localhost", "x"]) {
    const reply = await through(address);
    assert.deepEqual([reply.status, reply.json.step], [403, "checks.post.4.2"], address);
  }
  assert.equal((await begin(app, ada, port)).status, 403, "a request that came past the proxy");
  assert.deepEqual(asked, []);
  // 192.0.2.0/24 is nobody's: the check goes there, and not to this computer.
  assert.equal((await through("127.0.0.1, 192.0.2.1")).status, 200);
  assert.equal((await seen(app, ada)).isRunning, true);
  assert.deepEqual(asked, []);
});

test("every way to write an address becomes one, and what is not the address of one computer is refused", () => {
  const to = (address: string, isBehindProxy = false) =>
    addressToCheck({ address, serverPorts: [], isPassedOn: false }, isBehindProxy);
  for (const [address, plain] of [
    ["192.168.0.7", "192.168.0.7"],
    ["::ffff:192.168.0.7", "192.168.0.7"],
    ["::FFFF:c0a8:7", "192.168.0.7"],
    ["fd00::7", "fd00::7"],
    ["127.0.0.1", "127.0.0.1"],
    ["127.1.2.3", "127.1.2.3"],
    ["::1", "::1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
  ] as const) {
    assert.equal(to(address), plain, address);
  }
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]) {
    assert.equal(to(address, true), undefined, address);
  }
  for (const address of [
    ...["", "localhost", "www.example.org", "0.0.0.0", "0.1.2.3", "::", "255.255.255.255", "224.0.0.251", "ff02::fb"],
    ...["fe80::1%eth0", "::7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2130706433", "0x7f.1"],
    ...["127.1", "192.168.0.7:80", "[::1]", "192.168.0.7, 10.0.0.1", "::ffff:0:7f00:1", "0:0:0:0:0:ffff:0:0"],
  ]) {
    assert.equal(to(address), undefined, address);
  }
});

test("a redirect is not followed", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const elsewhere = await pupilsServer(t, HELLO);
  const { port, asked } = await pupilsServer(t, (_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
  });
  await begin(app, ada, port, { lesson: 2 });
  const { failure } = await ended(app, ada);
  assert.equal(failure?.received.startsWith("status 302"), true);
  assert.ok(asked.length > 0);
  assert.deepEqual(elsewhere.asked, []);
});

test("ports below 1024 and the class server itself are not checked", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  for (const port of [0, 1, 22, 80, 443, 1023, 65_536, 100_000]) {
    const reply = await begin(app, ada, port);
    assert.deepEqual([reply.status, reply.json.step], [400, "checks.post.1.7"], `${port}`);
  }
  const own = await begin(app, ada, Number(new URL(app.origin).port));
  assert.deepEqual([own.status, own.json.step, own.json.field], [400, "checks.post.4.1", "port"]);
  // Behind a router, the class reaches the server at another port: that one is its own, too.
  const mapped = await begin(app, ada, 9000, { headers: { host: "127.0.0.1:9000" } });
  assert.deepEqual([mapped.status, mapped.json.step], [400, "checks.post.4.1"]);
});

test("every step of the inputs refuses what it should", async (t) => {
  const app = await startApp(t, { isClass: true });
  const { user } = await app.register("ada");
  const [id = "", myAuth = ""] = user.split(":");
  const me = { myId: Number(id), myAuth };
  const right = { port: 8000, lesson: 1, secret: SECRET };
  for (const [body, step] of [
    [{ ...me, ...right, port: undefined }, "checks.post.1.6"],
    [{ ...me, ...right, lesson: undefined }, "checks.post.1.8"],
    [{ ...me, ...right, lesson: 15 }, "checks.post.1.9"],
    [{ ...me, ...right, secret: undefined }, "checks.post.1.10"],
    [{ ...me, ...right, secret: "too short" }, "checks.post.1.11"],
    [{ ...right, myAuth }, "checks.post.1.2"],
    [{ ...right, ...me, myId: "1" }, "checks.post.1.3"],
    [{ ...right, myId: me.myId }, "checks.post.1.4"],
    [{ ...right, ...me, myAuth: "short" }, "checks.post.1.5"],
    [{ ...right, ...me, myId: 77 }, "checks.post.2.1"],
    [{ ...right, ...me, myAuth: "not-the-right-one" }, "checks.post.3.1"],
    ["{", "checks.post.1.1"],
  ] as const) {
    const reply = await app.send({ method: "POST", path, body });
    assert.equal(reply.json.step, step, reply.text);
  }
  for (const [body, step] of [
    [{ myAuth }, "checks.get.1.2"],
    [{ ...me, myId: 0 }, "checks.get.1.3"],
    [{ myId: me.myId }, "checks.get.1.4"],
    [{ ...me, myAuth: "" }, "checks.get.1.5"],
    [{ ...me, myId: 77 }, "checks.get.2.1"],
    [{ ...me, myAuth: "not-the-right-one" }, "checks.get.3.1"],
    [me, "checks.get.4.1"],
    ["{", "checks.get.1.1"],
  ] as const) {
    const reply = await app.send({ method: "QUERY", path, body });
    assert.equal(reply.json.step, step, reply.text);
  }
});

test("nobody without credentials, no page of another website, and nothing without class mode", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const { port, asked } = await pupilsServer(t, HELLO);
  const body = { port, lesson: 1, secret: SECRET };
  const post = (user: string | undefined, headers: Headers = {}) =>
    app.send({ method: "POST", path, body, headers, ...(user !== undefined && { user }) });
  assert.equal((await post(undefined)).status, 400);
  assert.equal((await post("77:no-such-user-at-all")).status, 401);
  assert.equal((await post(`${ada.userId}:not-the-token-of-ada`)).status, 403);
  for (const headers of [
    { origin: "https://www.example.org" },
    { origin: "null" },
    { origin: `http://127.0.0.1:${port}` },
    { "sec-fetch-site": "cross-site" },
  ]) {
    assert.equal((await post(ada.user, headers)).status, 403, JSON.stringify(headers));
  }
  const plain = await startApp(t);
  const alan = await plain.register("alan");
  for (const [method, step] of [
    ["POST", "checks.post.3.2"],
    ["GET", "checks.get.3.2"],
  ] as const) {
    const reply = await plain.send({ method, path, user: alan.user, ...(method === "POST" && { body }) });
    assert.deepEqual([reply.status, reply.json.step], [404, step]);
  }
  assert.deepEqual(asked, []);
});

for (const [what, stopped, behave] of [
  ["never answers", undefined, () => {}],
  ["closes every connection", undefined, (socket: Socket) => socket.destroy()],
  ["resets every connection", undefined, (socket: Socket) => socket.resetAndDestroy()],
  ["sends what is not HTTP", undefined, (socket: Socket) => socket.end("\0\0\xff SSH-2.0 no\n".repeat(9))],
  [
    "answers without end",
    "bytes",
    (socket: Socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
      flood(socket, Buffer.alloc(65_536, "data: no end\n\n"));
    },
  ],
  [
    "sends headers without end",
    undefined,
    (socket: Socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      flood(socket, Buffer.from("x-more: and more\r\n".repeat(500)));
    },
  ],
  [
    "sends one byte in a while",
    undefined,
    (socket: Socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
      const timer = setInterval(() => socket.write("x"), 200);
      socket.once("close", () => clearInterval(timer));
    },
  ],
] as const) {
  test(`a server that ${what} ends its check with a report, and the class does not notice`, async (t) => {
    const app = await startApp(t, {
      isClass: true,
      checks: { limits: { runMilliseconds: 8_000, restartMilliseconds: 1_000, bytes: 2 * 1024 * 1024 } },
    });
    const ada = await app.register("ada");
    const port = await hostileServer(t, behave);
    const began = performance.now();
    // Lesson 14 alone has streams, but no server comes that far. The first case is enough.
    await begin(app, ada, port, { lesson: 14 });
    const state = await ended(app, ada);
    assert.ok(performance.now() - began < 20_000);
    assert.ok(state.failure !== undefined || state.stopped !== undefined, JSON.stringify(state));
    if (stopped === undefined) assert.ok((state.failure?.mistakes.join() ?? "").length > 5, JSON.stringify(state));
    assert.ok(JSON.stringify(state).length < 16_384);
    const page = await app.send({ path: "/api/v1/users", user: ada.user });
    assert.equal(page.status, 200);
  });
}

function flood(socket: Socket, piece: Buffer): void {
  const write = () => {
    if (!socket.destroyed && socket.write(piece)) setImmediate(write);
  };
  socket.on("drain", write);
  write();
}

test("a check that goes on and on is stopped by its time, and one whose server sends too much by its bytes", async (t) => {
  const limits = { runMilliseconds: 2_000, restartMilliseconds: 500, bytes: 64 * 1024 };
  const app = await startApp(t, { isClass: true, checks: { limits, pauseMilliseconds: 0 } });
  const ada = await app.register("ada");
  const slow = await pupilsServer(t, () => {});
  await begin(app, ada, slow.port);
  assert.equal((await ended(app, ada)).stopped, "time");
  const long = await pupilsServer(t, (_request, response) => response.end("x".repeat(500_000)));
  await begin(app, ada, long.port, { lesson: 5 });
  const state = await ended(app, ada);
  assert.ok(state.stopped === "bytes" || state.failure !== undefined, JSON.stringify(state));
});

test("forty checks at once: a few run, the others are told to wait, and the chat stays fast", async (t) => {
  const app = await startApp(t, { isClass: true, checks: { mostAtOnce: 3, mostAtAddress: 40 } });
  const pupils = [];
  for (let i = 0; i < 40; i++) pupils.push(await app.register(`pupil-${i}`));
  const { port } = await pupilsServer(t, () => {});
  const replies = await Promise.all(pupils.map((each) => begin(app, each, port)));
  const statuses = replies.map(({ status }) => status);
  assert.equal(statuses.filter((each) => each === 200).length, 3);
  assert.equal(statuses.filter((each) => each === 503).length, 37);
  const refused = replies.find(({ status }) => status === 503);
  assert.match(String(refused?.headers["retry-after"]), /^\d+$/);
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    const began = performance.now();
    await app.send({
      method: "POST",
      path: "/api/v1/chat",
      user: pupils[0]?.user ?? "",
      body: { userHandle: "pupil-1", message: "hi" },
    });
    times.push(performance.now() - began);
  }
  const middle = times.sort((a, b) => a - b)[25] ?? 0;
  t.diagnostic(`a message takes ${middle.toFixed(1)} ms while three checks run`);
  assert.ok(middle < 250);
});

test("one check at a time for each pupil and for each address, and a pause after it", async (t) => {
  const app = await startApp(t, { isClass: true });
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  const { port } = await pupilsServer(t, () => {});
  assert.equal((await begin(app, ada, port)).status, 200);
  for (const who of [ada, grace]) {
    const reply = await begin(app, who, port);
    assert.deepEqual([reply.status, reply.json.step], [429, "checks.post.4.3"]);
    assert.match(String(reply.headers["retry-after"]), /^\d+$/);
  }
  const { failure } = await ended(app, ada);
  assert.match(failure?.mistakes.join() ?? "", /did not answer within 5 seconds/);
  assert.equal((await begin(app, ada, port)).status, 429);
  await pause(2_100);
  assert.equal((await begin(app, grace, port)).status, 200);
});

test("for a case that restarts the server, the check waits for the pupil, and goes on by itself", async (t) => {
  const app = await startApp(t, { isClass: true, checks: { pauseMilliseconds: 0 } });
  const ada = await app.register("ada");
  // The pupil has written a server that passes everything: plainchat itself.
  const port = await freePort();
  const own = await startApp(t, { port });
  const body = { port, lesson: 6, secret: own.secret };
  assert.equal((await app.send({ method: "POST", path, user: ada.user, body })).status, 200);
  while (!(await seen(app, ada)).mustRestart) {
    assert.ok((await seen(app, ada)).isRunning, JSON.stringify(await seen(app, ada)));
    await pause(30);
  }
  await own.stop();
  await pause(300);
  await startApp(t, { root: own.root, port });
  const state = await ended(app, ada);
  assert.deepEqual(
    [state.stopped, state.failure, state.leftOut, state.passed === state.total, state.mustRestart],
    [undefined, undefined, [], true, false],
  );
  await pause(100);
  const progress = await app.send({ path: "/api/v1/class/progress", user: ada.user });
  const { lessons } = progress.json as unknown as { lessons: Record<string, unknown>[] };
  assert.deepEqual(
    lessons.map(({ lesson, passedAt }) => [lesson, passedAt !== undefined]),
    [1, 2, 3, 4, 5, 6].map((lesson) => [lesson, true]),
  );
});

test("a pupil who does not restart the server in time is told so", async (t) => {
  const limits = { runMilliseconds: 60_000, restartMilliseconds: 500, bytes: 8 * 1024 * 1024 };
  const app = await startApp(t, { isClass: true, checks: { limits } });
  const ada = await app.register("ada");
  const own = await startApp(t);
  const body = { port: Number(new URL(own.origin).port), lesson: 6, secret: own.secret };
  await app.send({ method: "POST", path, user: ada.user, body });
  const state = await ended(app, ada);
  assert.deepEqual([state.stopped, state.mustRestart, state.passed], ["restart", false, undefined]);
});

test("a pupil who leaves during a check leaves nothing behind, and the server stops without waiting for a check", async (t) => {
  const app = await startApp(t, { isClass: true, checks: { pauseMilliseconds: 0 } });
  const ada = await app.register("ada");
  const { port } = await pupilsServer(t, (_request, response) => void setTimeout(() => response.end("hello"), 600));
  await begin(app, ada, port);
  assert.equal((await app.send({ method: "DELETE", path: "/api/v1/register", user: ada.user })).status, 200);
  const grace = await app.register("grace");
  const { port: silent } = await pupilsServer(t, () => {});
  // The check of the pupil who has left is still at this address.
  while ((await begin(app, grace, silent)).status === 429) await pause(100);
  assert.equal((await seen(app, grace)).isRunning, true);
  assert.deepEqual(await keptNames(app, "class/progress"), []);
  const began = performance.now();
  await app.stop();
  assert.ok(performance.now() - began < 3_000);
});
