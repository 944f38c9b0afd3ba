/**
 * Tests what others see of a request in class mode: no text of a message unless the teacher shows texts, nothing with
 * which somebody could test guesses of a text, nothing of a hidden pupil, and nothing of a message that is gone. All of
 * this holds at the moment of reading, whatever held when the request was sent.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Trace } from "../server/explain/trace.ts";
import { listen } from "../testing/listen.ts";
import type { Request } from "../testing/request.ts";
import { type Person, PROJECTOR_KEY, type RunningApp, startApp, TEACHER_KEY } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";
const FEED = "/api/v1/explain";
const teacherKey = TEACHER_KEY;

interface Watching {
  /** The traces so far. */
  traces: () => Trace[];
  /** Everything so far, as it came. */
  text: () => string;
  until: (condition: () => boolean) => Promise<void>;
  ended: Promise<boolean>;
}

async function watch(t: TestContext, app: RunningApp, key?: string): Promise<Watching> {
  const stream = await listen(t, app.origin, { path: FEED, ...(key !== undefined && { bearer: key }) });
  const traces = () => stream.events.filter(({ type }) => type === "trace").map(({ data }) => data as unknown as Trace);
  return { traces, text: stream.text, until: stream.until, ended: stream.ended };
}

async function classOf(t: TestContext): Promise<{ app: RunningApp; ada: Person; grace: Person }> {
  const app = await startApp(t, { isClass: true });
  return { app, ada: await app.register("ada"), grace: await app.register("grace") };
}

async function decide(app: RunningApp, method: string, path: string, body: object): Promise<void> {
  const reply = await app.send({ method, path, body: { teacherKey, ...body } });
  assert.equal(reply.status, 200, reply.text);
}

const showTexts = (app: RunningApp, showsTexts: boolean) => decide(app, "PATCH", "/api/v1/class", { showsTexts });
const hide = (app: RunningApp, { userId }: Person, isHidden = true) =>
  decide(app, "PATCH", "/api/v1/class/pupils", { userId, isHidden });

/** Sends a request with `Explain: 1`. @returns the address of its trace. */
async function explained(app: RunningApp, request: Request): Promise<string> {
  const { headers, text } = await app.send({ ...request, headers: { ...request.headers, explain: "1" } });
  return /<(.*)>/.exec(String(headers.link))?.[1] ?? assert.fail(text);
}

const read = async (app: RunningApp, path: string) => (await app.send({ path })).text;
const post = ({ user }: Person, message: string): Request => {
  return { method: "POST", path: CHAT, user, body: { userHandle: "grace", message } };
};

/** Never part of a name, a path or a sentence of the server. */
const TEXT = "Zebras? xyzzy plugh!";
const WORD = "Xyzzyplughzebra";

/** Every way in which a text may come into a trace. Each must hide it. */
async function requestsWithText(app: RunningApp, ada: Person, grace: Person): Promise<Request[]> {
  const { user } = ada;
  const key = { "idempotency-key": "one" };
  const sent = await app.publish(ada, grace, TEXT);
  const toEdit = await app.publish(ada, grace, `${TEXT} 2`);
  const anywhere = `/api/v1/chat/${encodeURIComponent(TEXT)}`;
  return [
    post(ada, TEXT),
    { ...post(ada, TEXT), headers: key },
    { ...post(ada, TEXT), headers: key },
    { ...post(ada, `${TEXT} other`), headers: key },
    { method: "PATCH", path: CHAT, user, body: { messageId: toEdit, message: `${TEXT} edited` } },
    { method: "PATCH", path: CHAT, user: grace.user, body: { messageId: toEdit, message: TEXT } },
    { path: CHAT, user: grace.user },
    { path: `${CHAT}?limit=1&before=99`, user: grace.user },
    { path: `${CHAT}?box=both&userHandle=grace`, user },
    { method: "HEAD", path: `${CHAT}/stream?after=0`, user: grace.user },
    { method: "DELETE", path: CHAT, user: grace.user, body: { messageId: sent } },
    // Refused messages.
    { ...post(ada, TEXT), user: `${ada.userId}:012345678901` },
    { ...post(ada, TEXT), user: "99:012345678901" },
    { ...post(ada, `${TEXT}\u0007`) },
    { ...post(ada, TEXT.repeat(300)) },
    { method: "POST", path: CHAT, body: { userHandle: "grace", message: TEXT } },
    { method: "POST", path: CHAT, user, body: { userHandle: "nobody", message: TEXT } },
    { method: "POST", path: CHAT, user, body: `{"userHandle":"grace","message":"${TEXT}"` },
    { method: "POST", path: CHAT, user, body: `{"message":"${TEXT}","message":"2"}` },
    { method: "POST", path: CHAT, user, body: `{"${WORD}":1,"${WORD}":2}` },
    // In inputs that nobody knows, or that mean something else.
    { method: "POST", path: CHAT, user, body: { userHandle: "grace", mesage: TEXT, text: TEXT, [TEXT]: 1, [WORD]: 2 } },
    { method: "POST", path: CHAT, user, body: { userHandle: TEXT.repeat(5), message: "grace" } },
    { method: "POST", path: CHAT, user, body: { userHandle: `a\n${TEXT}`, message: "grace" } },
    { method: "POST", path: CHAT, user, body: { userhandle: TEXT, message: { text: TEXT } } },
    { path: CHAT, user, body: { box: TEXT } },
    { path: CHAT, user, body: { box: WORD } },
    { path: CHAT, user, body: { limit: TEXT, after: TEXT, messageId: TEXT } },
    { method: "DELETE", path: "/api/v1/register", user, body: { [WORD]: TEXT } },
    { method: "POST", path: "/api/v1/register", body: { secret: app.secret, userHandle: TEXT.repeat(4) } },
    // In the address.
    { method: "POST", path: `${CHAT}?userHandle=grace&message=${encodeURIComponent(TEXT)}`, user },
    { method: "POST", path: `${CHAT}?${encodeURIComponent(TEXT)}`, user },
    { method: "POST", path: `${CHAT}?${WORD}=1&${WORD}=2`, user },
    { path: `/api/v1/users?messages=${encodeURIComponent(TEXT)}`, user },
    { method: "POST", path: anywhere, user },
    { path: `${anywhere}/${WORD}${"x".repeat(32)}%20`, user },
    { method: "PUT", path: `${CHAT}?message=${encodeURIComponent(TEXT)}`, user, body: { message: TEXT } },
    { method: "POST", path: "/api/v1/chats", user, body: { message: TEXT } },
    // The teacher.
    { method: "POST", path: "/api/v1/class/messages", body: { teacherKey, message: TEXT } },
    { method: "DELETE", path: "/api/v1/class/messages", body: { teacherKey, messageId: toEdit } },
  ];
}

const hasText = (text: string) =>
  [TEXT, TEXT.slice(2, 12), WORD, encodeURIComponent(TEXT), "xyzzy"].some((part) =>
    text.toLowerCase().includes(part.toLowerCase()),
  );

test("in class mode no trace shows the text of a message, whatever the request and wherever the text is", async (t) => {
  const { app, ada, grace } = await classOf(t);
  await decide(app, "POST", "/api/v1/class/teacher", { userHandle: "ms-hopper" });
  const requests = await requestsWithText(app, ada, grace);
  const wall = await watch(t, app);
  const traces: string[] = [];
  for (const request of requests) {
    const trace = await read(app, await explained(app, request));
    traces.push(trace);
    const what = `${request.method} ${request.path} ${JSON.stringify(request.body)}`;
    assert.ok(!hasText(trace), `${what}: ${trace}`);
    for (const found of trace.matchAll(/"(?:crc|digest)\\":\\"([^\\]*)/g)) {
      const line = trace.slice(trace.lastIndexOf("{", found.index), found.index);
      if (line.includes("message\\")) assert.equal(found[1], "(not shown)", what);
    }
  }
  await wall.until(() => wall.traces().length === requests.length);
  assert.ok(!hasText(wall.text()), wall.text());
  const [first = ""] = traces;
  const { request, steps } = JSON.parse(first) as Trace;
  assert.deepEqual(request.inputs.at(1), { name: "message", value: `(${TEXT.length} characters)` });
  assert.deepEqual(request.inputs.at(0), { name: "userHandle", value: "grace" });
  const line = steps.flatMap(({ files }) => files).find(({ did }) => did === "appended to")?.after?.text ?? "";
  const { message, crc, fromHandle } = JSON.parse(line);
  assert.deepEqual([message, crc, fromHandle], [`(${TEXT.length} characters)`, "(not shown)", "ada"]);
  // What somebody has mistyped stays readable.
  assert.ok(traces.some((trace) => trace.includes('"name":"mesage"') && trace.includes("sent `mesage`")));
});

test("without class mode a trace shows texts as before", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  await app.register("grace");
  const trace = await read(app, await explained(app, post(ada, TEXT)));
  assert.ok(trace.includes(`"value":"${TEXT}"`) && /crc\\":\\"[0-9a-f]{8}/.test(trace), trace);
});

test("texts are shown or covered as the teacher says at the moment of reading", async (t) => {
  const { app, ada, grace } = await classOf(t);
  const wall = await watch(t, app);
  const paths = [await explained(app, post(ada, TEXT))];
  await showTexts(app, true);
  paths.push(await explained(app, { path: CHAT, user: grace.user }));
  paths.push(await explained(app, { ...post(ada, `${TEXT} again`), headers: { "idempotency-key": "one" } }));
  await wall.until(() => wall.traces().length === 4);
  assert.deepEqual(
    wall.traces().map((trace) => hasText(JSON.stringify(trace))),
    [false, false, true, true],
  );
  const ids = wall.traces().map(({ id }) => `${FEED}/${id}`);
  const all = [...paths, ids[0] ?? "", ids[2] ?? "", ids[3] ?? ""];
  for (const path of all) assert.ok(hasText(await read(app, path)), path);
  await showTexts(app, false);
  for (const path of all) {
    const trace = await read(app, path);
    assert.ok(trace.startsWith("{") && !hasText(trace), trace);
  }
  await showTexts(app, true);
  for (const path of all) assert.ok(hasText(await read(app, path)), path);
  // Also if somebody removes the file by hand. Those who watch are told.
  rmSync(join(app.root, "class", "texts-shown.json"));
  await wall.until(() => /event: class\ndata: {"isPaused":false,"showsTexts":false}\n\n$/.test(wall.text()));
  for (const path of all) assert.ok(!hasText(await read(app, path)));
});

test("the text of a removed message is in no trace any more, although texts are shown", async (t) => {
  const { app, ada, grace } = await classOf(t);
  await showTexts(app, true);
  const wall = await watch(t, app);
  const teacher = await watch(t, app, TEACHER_KEY);
  const kept = await explained(app, post(ada, "this one stays"));
  const paths = [await explained(app, post(ada, TEXT)), await explained(app, { path: CHAT, user: grace.user })];
  const { messages } = JSON.parse((await app.send({ path: CHAT, user: grace.user })).text);
  const { messageId } = messages.at(-1);
  assert.ok(hasText(await read(app, paths[0] ?? "")) && hasText(await read(app, paths[1] ?? "")));
  const removal = { method: "DELETE", path: "/api/v1/class/messages", body: { teacherKey, messageId } };
  paths.push(await explained(app, removal));
  for (const path of paths) {
    assert.ok(!hasText(await read(app, path)), path);
    const { text } = await app.send({ path, headers: { authorization: `Bearer ${TEACHER_KEY}` } });
    assert.ok(text.startsWith("{") && !hasText(text), path);
  }
  assert.ok((await read(app, kept)).includes("this one stays"));
  for (const watcher of [wall, teacher]) {
    await watcher.until(() => watcher.text().includes(`event: gone\ndata: {"messageId":${messageId}}\n\n`));
    await watcher.until(() => watcher.traces().length === 5);
    assert.ok(!hasText(JSON.stringify(watcher.traces().at(-1))), "the trace of the removal");
  }
  // A queue that goes with its user takes its messages along.
  const left = await explained(app, post(ada, TEXT));
  await decide(app, "DELETE", "/api/v1/class/pupils", { userId: grace.userId });
  assert.ok(!hasText(await read(app, left)));
  await wall.until(() => wall.text().includes(`event: gone\ndata: {"toId":${grace.userId}}\n\n`));
});

test("a hidden pupil is not in the feed, nor in the requests of others, and only the pupil can open a trace", async (t) => {
  const { app, ada, grace } = await classOf(t);
  await showTexts(app, true);
  const [wall, teacher] = [await watch(t, app), await watch(t, app, TEACHER_KEY)];
  const own = await explained(app, post(grace, "before"));
  await wall.until(() => wall.traces().length === 1);
  const seen = `${FEED}/${wall.traces()[0]?.id}`;
  assert.notEqual(seen, own);
  assert.equal((await app.send({ path: seen })).status, 200);
  await hide(app, grace);
  assert.equal((await app.send({ path: seen })).status, 404);
  assert.equal((JSON.parse(await read(app, own)) as Trace).request.sender?.userId, grace.userId);
  const later = await explained(app, post(grace, "after"));
  assert.equal((await app.send({ path: later })).json.status, 200);
  // Somebody may claim to be her.
  await app.send({ path: CHAT, user: `${grace.userId}:012345678901` });
  await app.send({ method: "PUT", path: CHAT, user: grace.user });
  await app.send({ method: "POST", path: "/api/v1/register", body: { secret: app.secret, userHandle: "grace" } });
  const before = wall.text().length;
  await app.send(post(ada, "to somebody"));
  await app.send({ path: "/api/v1/users", user: ada.user });
  await app.send({ path: `${CHAT}?box=both`, user: ada.user });
  const told = () => wall.traces().map(({ operation, request }) => [operation, request.sender?.userId]);
  await wall.until(() => told().length === 5);
  assert.deepEqual(told().slice(1), [
    ["pupils.patch", undefined],
    ["chat.post", ada.userId],
    ["users.get", ada.userId],
    ["chat.get", ada.userId],
  ]);
  const after = wall.text().slice(before);
  assert.ok(!after.includes("grace"), after);
  const hash = app.store.users.hashHandle("grace");
  assert.ok(!after.includes(hash) && readFileSync(join(app.root, "users", `${hash}.dat`), "utf8") !== "");
  await teacher.until(() => teacher.traces().length === 9);
  assert.equal(teacher.traces().filter(({ request }) => request.sender?.userId === grace.userId).length, 4);
  await hide(app, grace, false);
  assert.equal((await app.send({ path: seen })).status, 200);
});

test("only the teacher's key opens the teacher's view, which shows covered texts and hidden pupils", async (t) => {
  const { app, ada } = await classOf(t);
  const { userId } = (
    await app.send({ method: "POST", path: "/api/v1/class/teacher", body: { teacherKey, userHandle: "ms-hopper" } })
  ).json;
  await hide(app, ada);
  for (const key of [PROJECTOR_KEY, "a-guess-of-the-key"]) {
    const { status, json } = await app.send({ path: FEED, headers: { authorization: `Bearer ${key}` } });
    assert.deepEqual([status, json.status], [403, 403]);
  }
  const teacher = await watch(t, app, TEACHER_KEY);
  await app.send(post(ada, TEXT));
  await app.send({ method: "PATCH", path: "/api/v1/class", body: { teacherKey, myId: ada.userId, lesson: 2 } });
  await teacher.until(() => teacher.traces().length === 2);
  const [sent, decision] = teacher.traces();
  assert.ok(hasText(JSON.stringify(sent)));
  // Whoever has the key is the teacher, whatever id comes with it.
  assert.deepEqual(decision?.request.sender, { userId, proved: true });
  const path = `${FEED}/${sent?.id}`;
  assert.equal((await app.send({ path })).status, 404);
  assert.ok(hasText((await app.send({ path, headers: { authorization: `Bearer ${TEACHER_KEY}` } })).text));
  assert.ok(!teacher.text().includes(TEACHER_KEY));
  await app.store.classroom?.makeKeys();
  await app.send({ path: CHAT, user: ada.user });
  assert.equal(await teacher.ended, true, "an old key shows nothing more");
});

test("the class sees no text of a request that the server cannot read as HTTP", async (t) => {
  const { app } = await classOf(t);
  const wall = await watch(t, app);
  for (const [i, line] of [
    `POST ${CHAT}?userHandle=grace&message=${WORD} and ${TEXT} HTTP/1.1`,
    `POST ${CHAT}/${encodeURIComponent(TEXT)} ${TEXT} HTTP/1.1`,
    `${WORD} ${TEXT}`,
  ].entries()) {
    const socket = connect(Number(new URL(app.origin).port), "127.0.0.1", () =>
      socket.write(`${line}\r\nHost: x\r\n\r\n`),
    );
    socket.resume();
    await once(socket, "close");
    await wall.until(() => wall.traces().length > i);
  }
  assert.ok(!hasText(wall.text()), wall.text());
});

test("GET /api/v1/class says which data folder the class is in, also if one takes the place of another", async (t) => {
  const folderOf = async (app: RunningApp) => JSON.parse(await read(app, "/api/v1/class")).folder;
  const { app } = await classOf(t);
  const one = await folderOf(app);
  assert.equal(await folderOf(app), one);
  await app.stop();
  // The system may give the number of the removed folder to the next one.
  rmSync(app.root, { recursive: true });
  assert.notEqual(await folderOf(await startApp(t, { isClass: true })), one);
});
