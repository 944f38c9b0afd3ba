/**
 * Tests that a client can read a reply which the server sends before it has read the whole request, such as a 413. Most
 * clients send their whole body before they read anything. If the server closed the connection while the body is still
 * coming, the system would throw the reply away.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { MAX_DISCARDED_BYTES } from "../server/http/reply/gentle-close.ts";
import { atEnd } from "../testing/at-end.ts";
import { type RunningApp, startApp } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";
const PIECE = 64 * 1024;
const PATIENCE_MILLISECONDS = 5_000;

/** Sends everything before it reads anything. @throws if the server resets the connection. @returns all that comes. */
async function sendThenRead(
  test: TestContext,
  { origin }: RunningApp,
  pieces: readonly (string | Buffer)[],
): Promise<string> {
  const socket = connectTo(test, origin);
  socket.pause();
  for (const piece of pieces) await write(socket, piece);
  let reply = "";
  socket.on("data", (data) => {
    reply += data;
  });
  socket.resume();
  await once(socket, "close", { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  return reply;
}

function connectTo(test: TestContext, origin: string): Socket {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  atEnd(test, () => socket.destroy());
  // Whoever writes is told. Without a listener, the error would end the test's process.
  socket.on("error", () => {});
  return socket;
}

function write(socket: Socket, piece: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(piece, (error) => (error == null ? resolve() : reject(error)));
  });
}

/** A body of spaces, in pieces as a client would send them. */
function bodyOf(bytes: number): Buffer[] {
  const pieces = Array.from({ length: Math.floor(bytes / PIECE) }, () => Buffer.alloc(PIECE, " "));
  return [...pieces, Buffer.alloc(bytes % PIECE, " ")];
}

const chunk = (data: Buffer) =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);

const head = (line: string, headers: string[]) => `${[`${line} HTTP/1.1`, "Host: a", ...headers].join("\r\n")}\r\n\r\n`;

/** A request with a body of known length. */
function request(line: string, bytes: number, ...headers: string[]): (string | Buffer)[] {
  return [head(line, [`Content-Length: ${bytes}`, ...headers]), ...bodyOf(bytes)];
}

const MEGABYTES = 5_000_000;

for (const [size, bytes] of [
  ["66 kB", 66_000],
  ["1 MB", 1_000_000],
  ["5 MB", MEGABYTES],
] as const) {
  test(`a client that sends ${size} before it reads gets the 413, with a length or in chunks`, async (t) => {
    const app = await startApp(t);
    for (let i = 0; i < 10; i++) {
      assert.match(
        await sendThenRead(t, app, request(`POST ${CHAT}`, bytes)),
        /^HTTP\/1.1 413 [\s\S]*longer than 64 KiB/,
      );
      const chunks = [...bodyOf(bytes).map(chunk), "0\r\n\r\n"];
      const chunked = [head(`POST ${CHAT}`, ["Transfer-Encoding: chunked"]), ...chunks];
      assert.match(await sendThenRead(t, app, chunked), /^HTTP\/1.1 413 [\s\S]*longer than 64 KiB/);
    }
  });
}

for (const [what, status, pieces] of [
  ["an address that does not exist", 413, request("POST /nothing", MEGABYTES)],
  ["a method that does not exist there", 404, request(`PROPFIND ${CHAT}x`, MEGABYTES)],
  ["two Host headers", 400, request(`POST ${CHAT}`, MEGABYTES, "Host: b")],
  ["an unknown Expect", 417, request(`POST ${CHAT}`, MEGABYTES, "Expect: tea")],
  ["another protocol to offer", 413, request(`POST ${CHAT}`, MEGABYTES, "Connection: upgrade", "Upgrade: h2c")],
  ["a bad Content-Type", 400, request(`POST ${CHAT}`, MEGABYTES, "Content-Type: ;")],
  ["half a percent sign", 400, request("POST /%", MEGABYTES)],
  ["something that is not HTTP", 400, ["not HTTP\r\n\r\n", ...bodyOf(MEGABYTES)]],
  ["5 MB of headers", 431, [`GET ${CHAT} HTTP/1.1\r\nHost: a\r\nX: `, "x".repeat(MEGABYTES)]],
  [
    "a chunk that has no size",
    400,
    [head(`POST ${CHAT}`, ["Transfer-Encoding: chunked"]), "x\r\n", ...bodyOf(MEGABYTES)],
  ],
] as const) {
  test(`a client that sends 5 MB with ${what} can read the ${status}, and gets one reply`, async (t) => {
    const app = await startApp(t);
    for (let i = 0; i < 3; i++) {
      const reply = await sendThenRead(t, app, pieces);
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(reply, /^connection: close\r$/im);
      assert.equal(reply.split("HTTP/1.1 ").length, 2, reply);
    }
  });
}

test("requests that come after the last reply on a connection are thrown away", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const body = JSON.stringify({ myId: ada.userId, myAuth: ada.authToken, userHandle: "ada", message: "hidden" });
  const hidden = head(`POST ${CHAT}`, [`Content-Length: ${body.length}`]) + body;
  await sendThenRead(t, app, [...request(`POST ${CHAT}`, 100_000), hidden]);
  await sendThenRead(t, app, [head("GET /healthz", ["Host: b"]), ...bodyOf(100_000), hidden]);
  assert.deepEqual((await app.send({ path: CHAT, user: ada.user })).json.messages, []);
});

test("a client that never stops sending is cut off", async (t) => {
  const app = await startApp(t);
  const socket = connectTo(t, app.origin);
  await write(socket, head(`POST ${CHAT}`, ["Content-Length: 1000000000000"]));
  let sent = 0;
  await assert.rejects(async () => {
    for (; sent < 4 * MAX_DISCARDED_BYTES; sent += PIECE) await write(socket, Buffer.alloc(PIECE));
  });
  // What fits into the system's buffers comes on top.
  assert.ok(sent > MAX_DISCARDED_BYTES && sent < 2 * MAX_DISCARDED_BYTES, String(sent));
});

for (const [what, line, headers, status] of [
  ["a body that is too long", `POST ${CHAT}`, [`Content-Length: ${MEGABYTES}`], 413],
  ["an address that does not exist", "POST /nothing", ["Content-Length: 5"], 404],
  ["a method that the address does not accept", `PUT ${CHAT}`, ["Content-Length: 5"], 405],
  ["two Host headers", `POST ${CHAT}`, ["Content-Length: 5", "Host: b"], 400],
] as const) {
  test(`with Expect: 100-continue, ${what} gets the ${status} at once, and no 100`, async (t) => {
    const app = await startApp(t);
    const reply = await sendThenRead(t, app, [head(line, ["Expect: 100-continue", ...headers])]);
    assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
  });
}

test("with Expect: 100-continue, a call that is allowed gets a 100 and then its reply", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const socket = connectTo(t, app.origin);
  const body = JSON.stringify({ myId: ada.userId, myAuth: ada.authToken, userHandle: "ada", message: "hello" });
  socket.write(head(`POST ${CHAT}`, ["Expect: 100-continue", "Connection: close", `Content-Length: ${body.length}`]));
  const [first] = await once(socket, "data");
  assert.equal(String(first), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.write(body);
  const [second] = await once(socket, "data");
  assert.match(String(second), /^HTTP\/1.1 200 /);
});

for (const [what, request] of [
  ["CONNECT", head("CONNECT other.example:443", [])],
  ["what is no HTTP", "hello\r\n\r\n"],
  ["the beginning of a body that is too long", head(`POST ${CHAT}`, [`Content-Length: ${8 * 1024 * 1024}`])],
] as const) {
  test(`a client that resets the connection after ${what} does not end the server`, async (t) => {
    const app = await startApp(t);
    const socket = connectTo(t, app.origin);
    await write(socket, request);
    // The reply is on its way, and the server reads what still comes.
    await once(socket, "data", { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    socket.resetAndDestroy();
    await once(socket, "close");
    // If nobody listened for the server's error, this process would end.
    assert.equal((await app.send({ path: "/healthz" })).status, 200);
    assert.equal((await app.send({ path: "/healthz" })).status, 200);
  });
}
