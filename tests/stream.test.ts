/**
 * Tests the stream with listeners over HTTP: they listen while others write, lose their connection and resume, or stop
 * reading.
 */
import assert from "node:assert/strict";
import { open, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { atEnd } from "../testing/at-end.ts";
import { listen } from "../testing/listen.ts";
import { send } from "../testing/request.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const CHAT = "/api/v1/chat";

async function twoPeople(app: RunningApp): Promise<{ ada: Person; grace: Person }> {
  return { ada: await app.register("ada"), grace: await app.register("grace") };
}

const edit = (app: RunningApp, { user }: Person, messageId: number, message: string) =>
  app.send({ method: "PATCH", path: CHAT, user, body: { messageId, message } });
const remove = (app: RunningApp, { user }: Person, messageId: number) =>
  app.send({ method: "DELETE", path: CHAT, user, body: { messageId } });

test("a listener gets messages, edits and removals, in the same form as from GET /chat", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const stream = await listen(t, app.origin, grace);
  const messageId = await app.publish(ada, grace, 'line\nbreak "quoted" \u2028 \u{1f600}');
  const { json } = await app.send({ path: CHAT, user: grace.user });
  await edit(app, ada, messageId, "edited");
  const edited = (await app.send({ path: CHAT, user: grace.user })).json;
  await remove(app, grace, messageId);
  await stream.until(() => stream.events.length === 3);
  assert.deepEqual(
    stream.events.map(({ type, data }) => ({ type, data })),
    [
      { type: "message", data: json.messages[0] },
      { type: "edit", data: edited.messages[0] },
      { type: "delete", data: { messageId, fromId: ada.userId, toId: grace.userId } },
    ],
  );
  const ids = stream.events.map(({ id }) => id);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
  assert.match(stream.text(), /^retry: \d+\n\nid: \d+\n\n/, "the id where the stream begins comes first");
});

test("each listener gets only the events of its box: received, sent or both", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const alan = await app.register("alan");
  const streams = {
    received: await listen(t, app.origin, { ...ada, query: "?box=received" }),
    sent: await listen(t, app.origin, { ...ada, query: "?box=sent" }),
    both: await listen(t, app.origin, { ...ada, query: "?box=both" }),
    stranger: await listen(t, app.origin, { ...alan, query: "?box=both" }),
  };
  await app.publish(ada, grace, "sent");
  await app.publish(grace, ada, "received");
  await app.publish(ada, ada, "to myself");
  await app.send({ method: "DELETE", path: "/api/v1/register", user: grace.user });
  await app.publish(ada, alan, "last");
  await streams.stranger.until(() => streams.stranger.events.length === 2);
  await streams.both.until(() => streams.both.events.length === 5);
  await app.publish(ada, ada, "end");
  for (const each of [streams.received, streams.sent]) {
    await each.until(() => each.events.at(-1)?.data.message === "end");
  }
  const heard = (name: keyof typeof streams) =>
    streams[name].events.map(({ type, data }) => (type === "message" ? data.message : `${type} ${data.userId}`));
  assert.deepEqual(heard("received"), ["received", "to myself", "end"]);
  assert.deepEqual(heard("sent"), ["sent", "to myself", `leave ${grace.userId}`, "last", "end"]);
  assert.deepEqual(heard("both").slice(0, 5), ["sent", "received", "to myself", `leave ${grace.userId}`, "last"]);
  assert.deepEqual(heard("stranger"), [`leave ${grace.userId}`, "last"]);
});

test("with after, the queue comes first and then new messages, without a gap, while another user keeps writing", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  for (let i = 1; i <= 130; i++) await app.publish(ada, grace, `message ${i}`);
  const writing = (async () => {
    for (let i = 131; i <= 330; i++) await app.publish(ada, grace, `message ${i}`);
  })();
  const streams = await Promise.all(
    [0, 7, 100, 129].map(async (after) => ({
      after,
      stream: await listen(t, app.origin, { ...grace, query: `?after=${after}` }),
    })),
  );
  await writing;
  for (const { after, stream } of streams) {
    await stream.until(() => stream.events.at(-1)?.data.messageId === 330);
    const expected = Array.from({ length: 330 - after }, (_, i) => after + 1 + i);
    assert.deepEqual(
      stream.events.map(({ data }) => data.messageId),
      expected,
    );
  }
});

test("a listener that is cut off again and again misses no event and gets none twice", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const writing = (async () => {
    for (let i = 1; i <= 200; i++) {
      const messageId = await app.publish(ada, grace, `message ${i}`);
      if (i % 5 === 0) await edit(app, ada, messageId, `edited ${i}`);
      if (i % 7 === 0) await remove(app, grace, messageId);
    }
    return app.publish(ada, grace, "end");
  })();
  const whole = await listen(t, app.origin, grace);
  let lastEventId = whole.lastId();
  await whole.until(() => whole.lastId() !== "");
  lastEventId = /^id: (\d+)$/m.exec(whole.text())?.[1] ?? "";
  const pieces: typeof whole.events = [];
  let cuts = 0;
  while (pieces.at(-1)?.data.message !== "end") {
    const stream = await listen(t, app.origin, { ...grace, lastEventId });
    const wanted = 1 + Math.floor(Math.random() * 10);
    await stream.until(() => stream.events.length >= wanted || stream.events.at(-1)?.data.message === "end");
    stream.close();
    pieces.push(...stream.events);
    lastEventId = stream.lastId();
    cuts++;
  }
  await writing;
  await whole.until(() => whole.events.at(-1)?.data.message === "end");
  assert.ok(cuts > 10);
  const ids = pieces.map(({ id }) => id);
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
    "ids ascend, each once",
  );
  assert.deepEqual(stateAfter(pieces), stateAfter(whole.events));
});

/** The messages that a client knows after these events. */
function stateAfter(events: { type: string; data: { messageId: number; message: string } }[]): Map<number, string> {
  const state = new Map<number, string>();
  for (const { type, data } of events) {
    if (type === "delete") state.delete(data.messageId);
    else state.set(data.messageId, data.message);
  }
  return state;
}

test("Last-Event-ID resumes the stream after kill -9, a restart and compaction", async (t) => {
  const root = await temporaryFolder(t);
  const small = { PLAINCHAT_MAX_FILE_BYTES: String(8 * 1024) };
  let server = await startServer(t, root, small);
  const person = async (userHandle: string) => {
    const body = { secret: server.secret, userHandle };
    const { json } = await send(server.origin, { method: "POST", path: "/api/v1/register", body });
    return { userHandle, user: `${json.userId}:${json.authToken}` };
  };
  const ada = await person("ada");
  const grace = await person("grace");
  const state = new Map<number, string>();
  const heard = new Map<number, string>();
  let lastEventId = "0";
  for (let round = 0; round < 4; round++) {
    const stream = await listen(t, server.origin, { user: grace.user, ...(round > 0 && { lastEventId }) });
    for (let i = 0; i < 60; i++) {
      const call = { path: CHAT, user: ada.user };
      const message = `round ${round}, message ${i}`;
      const body = { userHandle: "grace", message };
      const { messageId } = (await send(server.origin, { ...call, method: "POST", body })).json;
      state.set(messageId, message);
      const old = [...state.keys()][i];
      if (old === undefined) continue;
      if (i % 3 === 0) {
        await send(server.origin, { ...call, method: "DELETE", body: { messageId: old } });
        state.delete(old);
      } else if (i % 3 === 1) {
        await send(server.origin, { ...call, method: "PATCH", body: { messageId: old, message: `${message} edited` } });
        state.set(old, `${message} edited`);
      }
      // From here on nobody listens. The next round must bring the events that follow.
      if (i === 30) {
        await stream.until(() => stream.events.at(-1)?.data.messageId === old);
        for (const [id, text] of heardIn(stream.events, heard)) heard.set(id, text);
        lastEventId = stream.lastId();
        stream.close();
      }
    }
    await server.stop("SIGKILL");
    server = await startServer(t, root, small);
  }
  const last = await listen(t, server.origin, { user: grace.user, lastEventId });
  await send(server.origin, {
    method: "POST",
    path: CHAT,
    user: ada.user,
    body: { userHandle: "grace", message: "end" },
  });
  await last.until(() => last.events.at(-1)?.data.message === "end");
  const seen = heardIn(last.events, heard);
  const end = [...seen].find(([, text]) => text === "end")?.[0] ?? 0;
  seen.delete(end);
  assert.deepEqual(new Map([...seen].sort()), new Map([...state].sort()));
  assert.ok(last.events.some(({ type }) => type === "delete") && last.events.some(({ type }) => type === "edit"));
});

function heardIn(events: Parameters<typeof stateAfter>[0], before: Map<number, string>): Map<number, string> {
  for (const { type, data } of events) {
    if (type === "delete") before.delete(data.messageId);
    else before.set(data.messageId, data.message);
  }
  return before;
}

test("an unknown Last-Event-ID gets a reset event, and then new events", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const stream = await listen(t, app.origin, { ...grace, lastEventId: "999" });
  await stream.until(() => stream.events.length === 1);
  await app.publish(ada, grace, "hello");
  await stream.until(() => stream.events.length === 2);
  assert.deepEqual(
    stream.events.map(({ type }) => type),
    ["reset", "message"],
  );
});

test("a stream ends when its user leaves, gets a new token, or is removed by hand; other streams go on", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const alan = await app.register("alan");
  const streams = await Promise.all([ada, grace, grace, alan].map((person) => listen(t, app.origin, person)));
  await app.send({ method: "DELETE", path: "/api/v1/register", user: grace.user });
  assert.deepEqual(await Promise.all([streams[1]?.ended, streams[2]?.ended]), [true, true]);
  await app.send({ method: "PATCH", path: "/api/v1/register", user: alan.user, body: { rotateAuth: true } });
  assert.equal(await streams[3]?.ended, true);
  await app.publish(ada, ada, "still here");
  await streams[0]?.until(() => streams[0]?.events.length === 1);
  await assert.rejects(listen(t, app.origin, grace), /stream.get.2.1/);
  await assert.rejects(listen(t, app.origin, alan), /stream.get.3.1/);
});

test("when the server stops, streams end and do not keep it running", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const body = { secret: server.secret, userHandle: "ada" };
  const { json } = await send(server.origin, { method: "POST", path: "/api/v1/register", body });
  const user = `${json.userId}:${json.authToken}`;
  const streams = await Promise.all(Array.from({ length: 20 }, () => listen(t, server.origin, { user })));
  const began = performance.now();
  assert.equal(await server.stop("SIGTERM"), 0);
  assert.ok(performance.now() - began < 4000);
  for (const stream of streams) assert.equal(await stream.ended, true);
});

test("a heartbeat has the latest id, so a listener without events can still resume from there", async (t) => {
  const app = await startApp(t, { heartbeatMilliseconds: 100 });
  const { ada, grace } = await twoPeople(app);
  const stream = await listen(t, app.origin, grace);
  await stream.until(() => stream.lastId() !== "");
  const before = stream.lastId();
  await app.publish(ada, ada, "none of grace's business");
  await stream.until(() => Number(stream.lastId()) > Number(before));
  assert.deepEqual(stream.events, []);
});

test("1,000 listeners get every event once and in order", async (t) => {
  const app = await startApp(t, { openForEach: 1000 });
  const { ada, grace } = await twoPeople(app);
  const streams = await Promise.all(Array.from({ length: 1000 }, () => listen(t, app.origin, grace)));
  for (let i = 1; i <= 10; i++) await app.publish(ada, grace, `message ${i}`);
  for (const stream of streams) {
    await stream.until(() => stream.events.length === 10);
    assert.deepEqual(
      stream.events.map(({ data }) => data.message),
      Array.from({ length: 10 }, (_, i) => `message ${i + 1}`),
    );
  }
  for (const stream of streams) stream.close();
  while ((await figure(app, "plainchat_streams")) > 0) await setTimeout(10);
});

async function figure(app: RunningApp, name: string): Promise<number> {
  const { text } = await app.send({ path: "/metrics" });
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

test("a listener that does not read is disconnected at a limit in bytes; the others do not notice", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const good = await listen(t, app.origin, grace);
  const { port, hostname } = new URL(app.origin);
  const stalled = connect(Number(port), hostname);
  atEnd(t, () => stalled.destroy());
  stalled.on("error", () => {});
  const basic = Buffer.from(grace.user).toString("base64");
  stalled.write(`GET /api/v1/chat/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${basic}\r\n\r\n`);
  await new Promise((resolve) => stalled.once("data", resolve));
  stalled.pause();
  // The system buffers some megabytes for a connection before anything waits in the server.
  const text = "x".repeat(4096);
  let sent = 0;
  while ((await figure(app, "plainchat_streams_let_go")) === 0) {
    await Promise.all(Array.from({ length: 50 }, () => app.publish(ada, grace, text)));
    sent += 50;
    assert.ok(sent < 10_000, "it is never disconnected");
  }
  await good.until(() => good.events.length === sent);
  assert.equal(await figure(app, "plainchat_streams"), 1);
  t.diagnostic(`let go after ${sent} messages of 4 KiB`);
});

test("a listener cut off in the middle of its queue gets later changes to the messages that it already has", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const long = "x".repeat(4000);
  const ids = await Promise.all(Array.from({ length: 200 }, (_, i) => app.publish(ada, grace, `${i} ${long}`)));
  const seen = new Map<number, string>();
  let [lastEventId, cuts, changed, isComplete] = ["", 0, 0, false];
  while (!isComplete) {
    const from = lastEventId === "" ? {} : { lastEventId };
    const stream = await listen(t, app.origin, { ...grace, query: "?after=0", ...from });
    await stream.until(() => !["", lastEventId].includes(stream.lastId()));
    stream.close();
    for (const { type, data } of stream.events) {
      if (type === "delete") seen.delete(data.messageId);
      else assert.ok(type === "edit" || !seen.has(data.messageId), "no message comes twice");
      if (type !== "delete") seen.set(data.messageId, data.message);
    }
    lastEventId = stream.lastId();
    cuts++;
    // A message that was already sent is edited or removed, and another one is published.
    const told = ids[changed++];
    isComplete = !lastEventId.includes("-") && changed > 5;
    if (isComplete || told === undefined) continue;
    if (changed % 2 === 0) await remove(app, grace, told);
    else await edit(app, ada, told, `edited ${long}`);
    await app.publish(ada, grace, `late ${long}`);
  }
  const stream = await listen(t, app.origin, { ...grace, lastEventId });
  await app.publish(ada, grace, "end");
  await stream.until(() => stream.events.at(-1)?.data.message === "end");
  for (const { type, data } of stream.events) {
    if (type === "delete") seen.delete(data.messageId);
    else seen.set(data.messageId, data.message);
  }
  const { messages } = JSON.parse((await app.send({ path: "/api/v1/chat?limit=200&after=60", user: grace.user })).text);
  const { messages: first } = JSON.parse((await app.send({ path: "/api/v1/chat?limit=60", user: grace.user })).text);
  const expected = new Map(
    [...first, ...messages].map((each: { messageId: number; message: string }) => [each.messageId, each.message]),
  );
  assert.ok(cuts > 5, `${cuts}`);
  const ascending = (messages: Map<number, string>) => [...messages].sort(([a], [b]) => a - b);
  assert.deepEqual(ascending(seen), ascending(expected));
  t.diagnostic(`${cuts} cuts`);
});

test("a listener that reads a long queue slowly gets everything in the end", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const text = "x".repeat(4096);
  for (let i = 0; i < 40; i++) {
    await Promise.all(Array.from({ length: 50 }, () => app.publish(ada, grace, text)));
  }
  const stream = await listen(t, app.origin, { ...grace, query: "?after=0" });
  stream.pause();
  await setTimeout(200);
  for (let i = 0; i < 10; i++) await app.publish(ada, grace, "late");
  stream.resume();
  await stream.until(() => stream.events.length === 2010);
  assert.deepEqual(
    stream.events.map(({ data }) => data.messageId),
    Array.from({ length: 2010 }, (_, i) => i + 1),
  );
});

test("HEAD of a stream returns only its headers", async (t) => {
  const app = await startApp(t);
  const { grace } = await twoPeople(app);
  const head = await app.send({ method: "HEAD", path: "/api/v1/chat/stream", user: grace.user });
  assert.equal(head.status, 200);
  assert.equal(head.headers["content-type"], "text/event-stream; charset=utf-8");
  assert.equal(head.text, "");
});

test("a line of the journal that is damaged reaches a stream as it was, and new events still come", async (t) => {
  const app = await startApp(t);
  const { ada, grace } = await twoPeople(app);
  const { eventId } = app.store.messages.last();
  // More than one block of the journal, so the damaged line is not in a block that is in memory.
  for (let i = 0; i < 100; i++) await app.publish(ada, grace, `message ${i} ${"x".repeat(4000)}`);
  const path = join(app.root, "messages", "000001.jsonl");
  const at = (await readFile(path)).indexOf("message 3 ");
  const file = await open(path, "r+");
  await file.write("M", at);
  await file.close();
  // One listener resumes, and one asks for its whole queue.
  for (const beginning of [{ lastEventId: String(eventId) }, { query: "?after=0" }]) {
    const stream = await listen(t, app.origin, { ...grace, ...beginning });
    await stream.until(() => stream.events.some(({ data }) => String(data.message).startsWith("message 3 ")));
    await app.publish(ada, grace, "live");
    await stream.until(() => stream.events.at(-1)?.data.message === "live");
  }
  assert.match(app.reports.join(), /1 line was changed without a new crc/);
});
