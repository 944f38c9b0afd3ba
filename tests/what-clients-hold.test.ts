/**
 * Tests how much memory clients can make the server hold: with requests that they do not finish, requests in line, and
 * replies that they do not take. However many connections do it at the same time, the others must be served.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { MAX_FOR_EACH_ADDRESS } from "../server/explain/feed.ts";
import { atEnd } from "../testing/at-end.ts";
import { listen } from "../testing/listen.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";
const MEBIBYTE = 1024 * 1024;
/** Many of these tests wait for something that a server without the limit would never do. */
const BOUNDED = { timeout: 15_000 };
/** For one that reads 200 MB, perhaps from a database. */
const LONG = { timeout: 60_000 };

/** A connection whose client reads only what a test reads. */
async function open(t: TestContext, { origin }: RunningApp, localAddress?: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ port: Number(port), host: hostname, ...(localAddress !== undefined && { localAddress }) });
  socket.on("error", () => {});
  atEnd(t, () => socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function openSeveral(t: TestContext, app: RunningApp, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => open(t, app)));
}

/** Everything that comes until the server ends the connection. */
async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (piece) => {
    text += piece;
  });
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

async function figure(app: RunningApp, name: string): Promise<number> {
  const { text } = await app.send({ path: "/metrics" });
  const line = text.split("\n").find((each) => each.startsWith(`plainchat_${name} `));
  return Number(line?.split(" ")[1] ?? 0);
}

async function until(app: RunningApp, name: string, isRight: (value: number) => boolean): Promise<void> {
  while (!isRight(await figure(app, name))) await setTimeout(20);
}

const basic = ({ user }: Person) => `Authorization: Basic ${Buffer.from(user).toString("base64")}\r\n`;
const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;

/** A page of these 200 messages is 3.3 MB long. */
async function fillQueue(app: RunningApp, person: Person): Promise<void> {
  const text = "\u{1f600}".repeat(4096);
  await Promise.all(Array.from({ length: 200 }, () => app.publish(person, person, text)));
}

for (const [what, request] of [
  ["a page", (ada: Person) => get(`${CHAT}?limit=200`, basic(ada))],
  ["a file", () => get("/docs/reference.js").repeat(5)],
  ["the document of all calls", () => get("/openapi.json").repeat(100)],
  ["a stream", (ada: Person) => get(`${CHAT}/stream?after=0`, basic(ada))],
] as const) {
  test(`a client that takes nothing of ${what} is let go, and one that reads slowly is not`, BOUNDED, async (t) => {
    const app = await startApp(t, { untakenMilliseconds: 750 });
    const ada = await app.register("ada");
    await fillQueue(app, ada);
    const stuck = await open(t, app);
    stuck.pause();
    stuck.write(request(ada));
    const slow = await open(t, app);
    slow.pause();
    slow.write(request(ada));
    while ((await figure(app, "replies_let_go")) === 0) {
      await setTimeout(50);
      for (let read = 0; read < 150_000; read += slow.read()?.length ?? 150_000) slow.read(0);
    }
    slow.resume();
    await setTimeout(50);
    assert.equal(await figure(app, "replies_let_go"), 1);
    assert.equal(slow.closed, false);
    assert.match(await readAll(stuck), /^HTTP\/1.1 200 /);
  });
}

test("pages that nobody takes do not fill the memory, however many clients ask at once", LONG, async (t) => {
  const app = await startApp(t, { maxHeldBytes: 16 * MEBIBYTE });
  const ada = await app.register("ada");
  await fillQueue(app, ada);
  const stuck = await openSeveral(t, app, 60);
  const body = '{"limit":200}';
  for (const [i, socket] of stuck.entries()) {
    socket.pause();
    // Half of them by the fast path.
    if (i % 2 === 0) socket.write(get(`${CHAT}?limit=200`, basic(ada)));
    else socket.write(`${get(CHAT, `${basic(ada)}Content-Length: ${body.length}\r\n`)}${body}`);
  }
  const bytesNow = () => {
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    return arrayBuffers + heapUsed;
  };
  const before = bytesNow();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, bytesNow() - before);
  });
  atEnd(t, () => clearInterval(watch));
  await until(app, 'requests_total{operation="fetchQueue",status="200"}', (count) => count === stuck.length);
  assert.ok((await figure(app, "held_bytes")) <= 16 * MEBIBYTE);
  // What was read from a database is garbage when its page is made. V8 collects that at 64 MB.
  assert.ok(most < (app.database === undefined ? 48 : 112) * MEBIBYTE, `${most} bytes`);
  const { json } = await app.send({ path: `${CHAT}?limit=200`, user: ada.user });
  assert.equal(json.messages.length, 200);
});

test("a file that many clients ask for at the same moment is made once", BOUNDED, async (t) => {
  const app = await startApp(t);
  const before = process.memoryUsage().arrayBuffers;
  const path = "/docs/reference.js";
  const ask = () => app.send({ method: "HEAD", path });
  for (const { status } of await Promise.all(Array.from({ length: 40 }, ask))) assert.equal(status, 200);
  const more = process.memoryUsage().arrayBuffers - before;
  assert.ok(more < 16 * MEBIBYTE, `${more} bytes`);
});

for (const [what, head] of [
  ["bodies", `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n`],
  ["bodies of unknown length", `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff0\r\n`],
  ["bodies that Fastify reads", `POST ${CHAT}?limit=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n`],
] as const) {
  test(
    `unfinished ${what} have one limit: beyond it a client gets a 503, and others are served`,
    BOUNDED,
    async (t) => {
      const app = await startApp(t, { maxHeldBytes: MEBIBYTE });
      const ada = await app.register("ada");
      const replies: string[] = [];
      const sockets = await openSeveral(t, app, 40);
      for (const socket of sockets) {
        socket.on("data", (piece) => replies.push(String(piece)));
        socket.write(head);
        socket.write("x".repeat(60_000));
      }
      while (replies.length < 20) await setTimeout(5);
      for (const reply of replies) {
        assert.match(reply, /^HTTP\/1.1 503 /);
        assert.match(reply, /retry-after: \d+/i);
        assert.match(reply, /Too many clients are sending long requests/);
      }
      assert.ok((await figure(app, "held_bytes")) <= MEBIBYTE);
      await app.publish(ada, ada, "x".repeat(4096));
      for (const socket of sockets) socket.destroy();
      await until(app, "held_bytes", (bytes) => bytes < 64 * 1024);
    },
  );
}

test("a body that arrives byte by byte is read as it was sent", BOUNDED, async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const body = JSON.stringify({ userHandle: "ada", message: "piece by piece ".repeat(200) });
  const socket = await open(t, app);
  const chunks = [...body].map((character) => `1\r\n${character}\r\n`).join("");
  const head = `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${basic(ada)}`;
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
  await setTimeout(20);
  socket.write("0\r\n\r\n");
  assert.match(await readAll(socket), /^HTTP\/1.1 200 /);
  const { messages } = (await app.send({ path: CHAT, user: ada.user })).json;
  assert.equal(messages[0]?.message, "piece by piece ".repeat(200));
});

test("heads that are never finished have a limit together, and so have requests that wait long", BOUNDED, async (t) => {
  const app = await startApp(t, { maxHeldBytes: MEBIBYTE, untakenMilliseconds: 300 });
  const ada = await app.register("ada");
  const heads = await openSeveral(t, app, 100);
  for (const socket of heads) socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(15_000)}`);
  await until(app, "connections", (count) => count < 50);
  for (const socket of heads) socket.destroy();
  const waiting = await openSeveral(t, app, 30);
  for (const socket of waiting) {
    const body = `{"wait":60}${" ".repeat(60_000)}`;
    socket.write(`${get(CHAT, `${basic(ada)}Content-Length: ${body.length}\r\n`)}${body}`);
  }
  await until(app, "waiting_fetches", (count) => count > 0 && count < 17);
  await app.publish(ada, ada, "for those that are left");
});

test(
  "a connection is not read further while its requests wait in line, and then all of them get their replies",
  BOUNDED,
  async (t) => {
    const app = await startApp(t);
    const ada = await app.register("ada");
    const socket = await open(t, app);
    socket.write(get(`${CHAT}?wait=1`, basic(ada)));
    const long = `POST ${CHAT} HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n${"x".repeat(60_000)}`;
    socket.write(long.repeat(100));
    socket.write(get("/healthz", "Connection: close\r\n"));
    await until(app, "waiting_fetches", (count) => count === 1);
    await setTimeout(200);
    const held = await figure(app, "held_bytes");
    assert.ok(held > 0 && held < 512 * 1024, `${held} bytes`);
    const replies = (await readAll(socket)).match(/HTTP\/1.1 \d+/g) ?? [];
    assert.deepEqual(replies, ["HTTP/1.1 200", ...Array(100).fill("HTTP/1.1 400"), "HTTP/1.1 200"]);
  },
);

test(
  "a client at its limit of connections loses those that do nothing, and one without such gets a 503",
  BOUNDED,
  async (t) => {
    const app = await startApp(t, { maxConnections: 40 });
    const ada = await app.register("ada");
    const kept = await open(t, app);
    kept.write(get("/healthz"));
    await once(kept, "data");
    const idle = await openSeveral(t, app, 30);
    assert.equal((await app.send({ path: CHAT, user: ada.user })).status, 200);
    assert.equal(kept.closed, false, "it has asked for something, the others have not");
    for (const socket of [...idle, kept]) socket.destroy();
    for (let i = 0; i < 10; i++) await listen(t, app.origin, ada);
    const refused = await open(t, app);
    assert.match(await readAll(refused), /^HTTP\/1.1 503 [\s\S]*retry-after: \d+[\s\S]*too many connections/);
    if (process.platform !== "linux") return;
    const other = await open(t, app, "127.0.0.2");
    other.write(get("/healthz", "Connection: close\r\n"));
    assert.match(await readAll(other), /^HTTP\/1.1 200 /);
  },
);

test("one address cannot take all places of those who watch the class", BOUNDED, async (t) => {
  const app = await startApp(t, { isClass: true, allowedHosts: ["a"] });
  const path = "/api/v1/explain";
  const watchers = [];
  for (let i = 0; i < MAX_FOR_EACH_ADDRESS; i++) watchers.push(await listen(t, app.origin, { path }));
  const refused = await app.send({ path });
  assert.equal(refused.status, 429, refused.text);
  assert.match(refused.json.detail, /Your address is watching 64 times already/);
  assert.ok(Number(refused.headers["retry-after"]) > 0);
  if (process.platform === "linux") {
    const wall = await open(t, app, "127.0.0.2");
    wall.write(get(path));
    assert.match(String((await once(wall, "data"))[0]), /^HTTP\/1.1 200 /);
  }
  watchers[0]?.close();
  while ((await app.send({ method: "HEAD", path })).status !== 200) await setTimeout(5);
});
