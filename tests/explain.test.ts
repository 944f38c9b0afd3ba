/**
 * Tests Explain over HTTP. A request with `Explain: 1` gets the same reply and a trace of what the server did: every
 * step of the specification, and the files as they are on the disk. No trace may show a secret. What a trace shows of a
 * database is tested in explain-database.test.ts.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { answered, type Trace as ToldTrace } from "../client/trace.ts";
import { Feed } from "../server/explain/feed.ts";
import type { Trace, TracedStep } from "../server/explain/trace.ts";
import { ROUTES } from "../server/operations/routes.ts";
import type { FileTouch } from "../server/store/contract.ts";
import { atEnd } from "../testing/at-end.ts";
import { comparable, type Explained, explain, requestsToAll } from "../testing/explained.ts";
import { FILES_ONLY } from "../testing/kept.ts";
import { listen } from "../testing/listen.ts";
import type { Request } from "../testing/request.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";
const repository = join(import.meta.dirname, "..");
const specification = readFileSync(join(repository, "docs/spec.md"), "utf8");

/** The steps of an operation, read from the specification. */
function specified(operation: string): { id: string; sentence: string }[] {
  const steps = [...specification.matchAll(/^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*)$/gm)].map(
    ([, id = "", sentence = ""]) => ({ id, sentence: sentence.replaceAll("**", "") }),
  );
  return steps.filter(({ id }) => id.startsWith(`${operation}.`));
}

const stepOf = ({ trace }: Explained, id: string): TracedStep =>
  trace.steps.find((step) => step.id === id) ?? assert.fail(`${id} is not in the trace`);
const filesOf = ({ trace }: Explained): FileTouch[] => trace.steps.flatMap(({ files }) => files);
const outcomes = ({ trace }: Explained) => trace.steps.map(({ outcome }) => outcome);

test("the reply has the same body, byte for byte, and a link to its trace", async (t) => {
  const [plain, explained] = [await startApp(t), await startApp(t)];
  const [plainRequests, explainedRequests] = [await requestsToAll(plain), await requestsToAll(explained)];
  for (const [i, request] of plainRequests.entries()) {
    const reply = await plain.send(request);
    const { reply: explainedReply } = await explain(explained, explainedRequests[i] ?? request);
    assert.deepEqual(comparable(explainedReply), comparable(reply), `${request.method} ${request.path}`);
    for (const header of ["link", "server-timing"]) assert.equal(reply.headers[header], undefined);
  }
});

test("a trace has every step of the specification, with its line in the code, and stops at the step in the reply", async (t) => {
  const app = await startApp(t, { isClass: true });
  const operations = new Set<string>();
  for (const request of await requestsToAll(app)) {
    const explained = await explain(app, request);
    const { trace, reply } = explained;
    operations.add(trace.operation);
    assert.deepEqual(
      trace.steps.map(({ id, sentence }) => ({ id, sentence })),
      specified(trace.operation),
    );
    for (const { id, source } of trace.steps) {
      const line = readFileSync(join(repository, source.file), "utf8").split("\n")[source.line - 1];
      assert.match(line ?? "", new RegExp(`call\\.step = "${id.replaceAll(".", "\\.")}"; //`));
      assert.equal(source.code.split("\n")[0], line?.trim(), "the code begins at that line");
      assert.ok(source.code.includes("\n"), source.code);
    }
    assert.equal(trace.status, reply.status);
    const stopped = trace.steps.filter(({ outcome }) => outcome === "stop").map(({ id }) => id);
    if (reply.status === 200) assert.deepEqual(stopped, []);
    else {
      // The one refusal with an empty body names its step only in the trace.
      const unknown = `${trace.operation}.${trace.operation === "rejoin.post" ? "3.1" : "5.1"}`;
      assert.deepEqual(stopped, [reply.text === "" ? unknown : reply.json.step]);
      assert.equal(trace.reason, reply.text === "" ? "No user has this `userHandle`." : reply.json.detail);
      const rest = outcomes(explained).slice(outcomes(explained).indexOf("stop") + 1);
      assert.ok(rest.every((outcome) => outcome === "not reached"));
    }
  }
  assert.deepEqual([...operations].sort(), ROUTES.map(({ id }) => id).sort());
});

test("Server-Timing has an entry for each step that was reached, in order", async (t) => {
  const app = await startApp(t);
  for (const request of await requestsToAll(app)) {
    const { reply, trace } = await explain(app, request);
    const rows = String(reply.headers["server-timing"]).split(", ");
    const expected = trace.steps
      .filter(({ outcome }) => outcome !== "not reached")
      .map(({ id, milliseconds }) => (milliseconds === null ? id : `${id};dur=${milliseconds}`));
    assert.deepEqual(rows, expected);
  }
});

test("a step that depends on an optional input is left out without it, and no answer says otherwise", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  await app.publish(ada, ada, "hello");
  const passed = async (request: Omit<Request, "user">) => {
    const { reply, trace } = await explain(app, { ...request, user: ada.user });
    const steps = trace.steps.filter(({ outcome }) => outcome !== "not reached");
    const timed = String(reply.headers["server-timing"]).split(", ");
    assert.deepEqual(
      timed.map((row) => row.split(";")[0]),
      steps.map(({ id }) => id),
    );
    const shown = trace.steps.find(({ id }) => id === "chat.get.1.6");
    return { ids: steps.map(({ id }) => id), answer: shown === undefined ? "" : answered(shown, trace.steps) };
  };
  const everyone = await passed({ path: "/api/v1/chat" });
  assert.deepEqual(
    ["1.7", "4", "5", "7"].filter((step) => everyone.ids.includes(`chat.get.${step}`)),
    [],
  );
  assert.equal(
    everyone.answer,
    "Does `userHandle` exist? No: read messages from everyone, without steps 1.7, 4 and 5.",
  );
  for (const userHandle of ["ada", "nobody", "x"]) {
    const one = await passed({ path: `/api/v1/chat?userHandle=${userHandle}` });
    assert.ok(one.ids.includes("chat.get.1.7"));
    assert.equal(one.answer, "Does `userHandle` exist? Yes.");
  }
  assert.ok((await passed({ path: "/api/v1/chat?after=9&wait=1" })).ids.includes("chat.get.7"));
  const change = (body: object) => passed({ method: "PATCH", path: "/api/v1/register", body });
  const ofHandle = ["register.patch.6", "register.patch.6.1", "register.patch.8"];
  const renamed = await change({ userHandle: "lovelace" });
  assert.ok(ofHandle.every((step) => renamed.ids.includes(step)) && !renamed.ids.includes("register.patch.4"));
  const rotated = await change({ rotateAuth: true });
  assert.ok(!ofHandle.some((step) => rotated.ids.includes(step)) && rotated.ids.includes("register.patch.4"));
});

test("a trace shows files as they are on the disk, before and after", { skip: FILES_ONLY }, async (t) => {
  const app = await startApp(t);
  const inRoot = (path: string) => readFileSync(join(app.root, path), "utf8");
  const grace = await app.register("grace");
  const registered = await explain(app, {
    method: "POST",
    path: REGISTER,
    body: { secret: app.secret, userHandle: "ada" },
  });
  const ada: Person = { ...registered.reply.json, userHandle: "ada", user: "" };
  ada.user = `${ada.userId}:${ada.authToken}`;
  const didWhat = (explained: Explained) => filesOf(explained).map(({ path, did }) => `${did} ${path}`);
  assert.deepEqual(
    didWhat(registered).map((line) => line.replace(/[0-9a-f]{64}/, "<hash>")),
    [
      "read users/secret.dat",
      "appended to messages/000001.jsonl",
      "created users/2.dat",
      "created users/2.json",
      "created users/<hash>.dat",
    ],
  );
  for (const { path, after } of filesOf(registered).slice(2)) {
    assert.ok(after !== null && existsSync(join(app.root, path)));
    assert.equal(after.bytes, inRoot(path).length);
    if (after.text !== null) assert.equal(after.text, inRoot(path));
  }

  const published = await explain(app, {
    method: "POST",
    path: CHAT,
    user: ada.user,
    body: { userHandle: "grace", message: "hello" },
  });
  const [appended] = stepOf(published, "chat.post.7").files;
  const line = appended?.after ?? assert.fail("nothing was appended");
  assert.match(line.text ?? "", /"message":"hello"/);
  assert.equal(appended?.before?.bytes, line.from);
  assert.equal(inRoot("messages/000001.jsonl").slice(line.from, line.bytes), line.text);

  const { messageId } = published.reply.json;
  const fetched = await explain(app, { path: CHAT, user: grace.user });
  assert.equal(stepOf(fetched, "chat.get.6").files[0]?.after?.text, line.text);
  const edited = await explain(app, {
    method: "PATCH",
    path: CHAT,
    user: ada.user,
    body: { messageId, message: "new" },
  });
  const [old, written] = stepOf(edited, "chat.patch.5").files;
  assert.equal(old?.after?.text, line.text);
  assert.match(written?.after?.text ?? "", /"op":"edit".*"message":"new"/);
  const removed = await explain(app, { method: "DELETE", path: CHAT, user: grace.user, body: { messageId } });
  assert.match(stepOf(removed, "chat.delete.5").files[1]?.after?.text ?? "", /"op":"delete"/);

  const renamed = await explain(app, {
    method: "PATCH",
    path: REGISTER,
    user: ada.user,
    body: { userHandle: "lovelace" },
  });
  const [profile] = stepOf(renamed, "register.patch.7").files;
  assert.match(profile?.before?.text ?? "", /"userHandle":"ada"/);
  assert.match(profile?.after?.text ?? "", /"userHandle":"lovelace"/);
  assert.equal(stepOf(renamed, "register.patch.8").files[0]?.did, "removed");
  const left = await explain(app, { method: "DELETE", path: REGISTER, user: ada.user });
  assert.deepEqual(
    didWhat(left).map((each) => each.replace(/[0-9a-f]{64}/, "<hash>")),
    [
      "read users/2.dat",
      "removed users/2.dat",
      "appended to messages/000001.jsonl",
      "removed users/<hash>.dat",
      "removed users/2.json",
    ],
  );
  assert.deepEqual(didWhat(await explain(app, { path: `${REGISTER}?userHandle=ada`, user: ada.user })), [
    "looked for users/2.dat",
  ]);
});

test("a trace shows at most 4 KiB of a file", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  for (let i = 0; i < 5; i++) await app.publish(ada, ada, "x".repeat(4000));
  const [page] = stepOf(await explain(app, { path: CHAT, user: ada.user }), "chat.get.6").files;
  assert.equal(page?.after?.text?.length, 4096);
});

test("a repeated Idempotency-Key appends nothing, and its trace shows the line of the first try", {
  skip: FILES_ONLY,
}, async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const request = {
    method: "POST",
    path: CHAT,
    user: ada.user,
    headers: { "idempotency-key": "once" },
    body: { userHandle: "ada", message: "hello" },
  };
  const [first] = stepOf(await explain(app, request), "chat.post.7").files;
  const [again] = stepOf(await explain(app, request), "chat.post.7").files;
  assert.equal(first?.did, "appended to");
  assert.equal(again?.did, "read");
  // The readers of a message see its line, too. They must not see the key.
  assert.equal(again?.after?.text, first?.after?.text?.replace('"key":"once"', '"key":"(not shown)"'));
});

test("secrets and tokens never appear in a trace, wherever they were sent", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const { secret } = app;
  const wrong = "this-is-a-wrong-secret";
  const path = CHAT;
  const explained = [
    await explain(app, { method: "POST", path: REGISTER, body: { secret, userHandle: "alan" } }),
    await explain(app, { method: "POST", path: REGISTER, body: { secret, userHandle: secret } }),
    await explain(app, { method: "POST", path: REGISTER, body: { secret: wrong, userHandle: wrong } }),
    await explain(app, { method: "POST", path: REGISTER, body: { Secret: secret, userHandle: "alan" } }),
    await explain(app, { method: "POST", path: REGISTER, body: { secret, userHandle: 'a "quoted" one', [secret]: 1 } }),
    await explain(app, { method: "POST", path, user: ada.user, body: { userHandle: "grace", message: ada.authToken } }),
    await explain(app, { path, user: grace.user, body: { userHandle: grace.authToken } }),
    await explain(app, { path, body: { myId: ada.authToken, myAuth: ada.authToken } }),
    await explain(app, { path, body: { myId: ada.userId, myAuth: grace.authToken } }),
    await explain(app, { path, body: { myId: ada.userId, authToken: ada.authToken } }),
    await explain(app, {
      method: "PATCH",
      path: REGISTER,
      user: grace.user,
      body: { rotateAuth: true, userHandle: "hopper" },
    }),
  ];
  const newTokens = explained.map(({ reply }) => reply.json.authToken).filter((token) => token !== undefined);
  assert.equal(newTokens.length, 4);
  for (const [i, { text }] of explained.entries()) {
    for (const hidden of [secret, wrong, ada.authToken, grace.authToken, ...newTokens]) {
      assert.ok(!text.includes(hidden), `request ${i} shows ${hidden}`);
    }
  }
});

test("a secret with quotes in it does not appear in a JSON file either", { skip: FILES_ONLY }, async (t) => {
  const app = await startApp(t);
  const secret = 'the "quoted" secret';
  writeFileSync(join(app.root, "users", "secret.dat"), secret);
  const { text } = await explain(app, { method: "POST", path: REGISTER, body: { secret, userHandle: `I: ${secret}` } });
  assert.match(text, /users\/1\.json/);
  assert.ok(!text.includes("quoted"));
});

test("text that looks like a token or class secret is always hidden, so a trace does not confirm a guess", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const guess = "basket-window-silver-pigeon";
  const message = `${app.secret} or ${guess}? ${grace.authToken}, says ${ada.authToken}. Not covered: users/${"0".repeat(64)}`;
  const { trace, text } = await explain(app, {
    method: "POST",
    path: CHAT,
    user: ada.user,
    body: { userHandle: "grace", message, [`myAuth:${ada.authToken}`]: 1, [`${"m".repeat(40)}${ada.authToken}`]: 1 },
  });
  for (const hidden of [app.secret, guess, grace.authToken, ada.authToken, ada.authToken.slice(0, 20)]) {
    assert.ok(!text.includes(hidden), hidden);
  }
  assert.match(JSON.stringify(trace.request.inputs), /Not covered: users\/0{64}/);
  // The token sent as another input, too.
  for (const body of [
    { myId: ada.authToken, myAuth: ada.userId },
    { myId: 1, myAuth: "x", userHandle: ada.authToken },
  ]) {
    const swapped = await explain(app, { method: "POST", path: CHAT, body });
    assert.ok(!swapped.text.includes(ada.authToken));
  }
});

test("an unknown input, or one of the wrong type, shows only its length", async (t) => {
  const app = await startApp(t);
  const body = { password: "geheim 9b", myId: "geheim 9b", limit: ["geheim"], wait: 7 };
  const { trace } = await explain(app, { method: "POST", path: CHAT, body });
  assert.deepEqual(trace.request.inputs, [
    { name: "password", characters: 9 },
    { name: "myId", characters: 9 },
    { name: "limit" },
    { name: "wait", value: 7 },
  ]);
});

test("a trace does not show the token that is in a profile for a moment", { skip: FILES_ONLY }, async (t) => {
  const app = await startApp(t);
  const [ada, eve] = [await app.register("ada"), await app.register("eve")];
  // The file on the disk in the middle of a change of handle and token.
  const profile = {
    userHandle: "ada",
    registeredAt: new Date(0).toISOString(),
    authToken: "a-new-token-of-another-form",
  };
  writeFileSync(join(app.root, "users", `${ada.userId}.json`), JSON.stringify(profile));
  const listed = await explain(app, { path: "/api/v1/users", user: eve.user });
  assert.equal(filesOf(listed).filter(({ path }) => path === "users/1.json").length, 1);
  assert.ok(!listed.text.includes(profile.authToken));
});

test("a trace of an edit or removal does not show a message between other users", { skip: FILES_ONLY }, async (t) => {
  const app = await startApp(t);
  const [ada, grace, eve] = [await app.register("ada"), await app.register("grace"), await app.register("eve")];
  const messageId = await app.publish(ada, grace, "between ada and grace");
  for (const method of ["PATCH", "DELETE"]) {
    const body = { messageId, ...(method === "PATCH" && { message: "mine" }) };
    const { text, trace } = await explain(app, { method, path: CHAT, user: eve.user, body });
    assert.equal(trace.status, 404);
    assert.ok(!text.includes("between ada and grace"), method);
    assert.deepEqual(
      trace.steps.flatMap(({ files }) => files.map(({ path }) => path)),
      ["users/3.dat"],
    );
  }
});

test("a comparison shows only the lengths and whether the values were equal, and no time", {
  skip: FILES_ONLY,
}, async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const right = await explain(app, { path: CHAT, user: ada.user });
  const { milliseconds, compared } = stepOf(right, "chat.get.3.1");
  assert.deepEqual({ milliseconds, compared }, { milliseconds: null, compared: { given: 32, kept: 32, equal: true } });
  const wrong = await explain(app, { path: CHAT, user: `${ada.userId}:0123456789abc` });
  assert.deepEqual(stepOf(wrong, "chat.get.3.1").compared, { given: 13, kept: 32, equal: false });
  assert.match(String(wrong.reply.headers["server-timing"]), /, chat\.get\.3\.1$/);
  const body = { secret: "x".repeat(20), userHandle: "grace" };
  const refused = stepOf(await explain(app, { method: "POST", path: REGISTER, body }), "register.post.3");
  assert.deepEqual(refused.compared, { given: 20, kept: app.secret.length, equal: false });
  assert.equal(refused.milliseconds, null);
  for (const explained of [right, wrong]) {
    const [tokenFile] = stepOf(explained, "chat.get.2").files;
    assert.deepEqual([tokenFile?.path, tokenFile?.after], ["users/1.dat", { bytes: 32, from: 0, text: null }]);
  }
});

test("a request refused before the first step has a trace, too", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const explained = await explain(app, { method: "POST", path: CHAT, user: ada.user, body: "x".repeat(70_000) });
  assert.equal(explained.trace.status, 413);
  assert.equal(explained.trace.reason, "The request body is longer than 64 KiB.");
  assert.ok(outcomes(explained).every((outcome) => outcome === "not reached"));
  assert.equal(explained.reply.headers["server-timing"], undefined);
});

test("a stream has the link to its trace before its first event", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const explained = await explain(app, { method: "HEAD", path: "/api/v1/chat/stream", user: ada.user });
  assert.ok(outcomes(explained).every((outcome) => outcome === "pass"));
});

test("only the last 200 traces are kept, with ids that cannot be guessed", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const links: string[] = [];
  for (let i = 0; i < 201; i++) {
    const { headers } = await app.send({ path: "/api/v1/users", user: ada.user, headers: { explain: "1" } });
    links.push(/<(.*)>/.exec(String(headers.link))?.[1] ?? "");
  }
  assert.equal(new Set(links).size, links.length);
  for (const link of links) assert.match(link, /^\/api\/v1\/explain\/[\w-]{22}$/);
  const statuses = await Promise.all(links.map(async (path) => (await app.send({ path })).status));
  assert.deepEqual(statuses, [404, ...Array.from({ length: 200 }, () => 200)]);
});

async function classWithAda(t: TestContext): Promise<{ app: RunningApp; ada: Person }> {
  // On a busy machine, a watcher may have to wait longer than the usual 15 seconds before the test lets it read.
  const app = await startApp(t, { isClass: true, untakenMilliseconds: 120_000 });
  return { app, ada: await app.register("ada") };
}

const FEED = "/api/v1/explain";

test("without class mode, nobody sees the traces of others", async (t) => {
  const app = await startApp(t);
  const { status, json } = await app.send({ path: FEED });
  assert.equal(status, 404);
  assert.match(json.detail, /--class/);
});

test("in class mode everyone sees every trace as it happens, and the replies stay the same", async (t) => {
  const { app, ada } = await classWithAda(t);
  const watchers = [await listen(t, app.origin, { path: FEED }), await listen(t, app.origin, { path: FEED })];
  const { headers } = await app.send({ path: CHAT, user: ada.user });
  await app.send({ path: CHAT, user: "99:012345678901" });
  for (const watcher of watchers) {
    await watcher.until(() => watcher.events.length === 2);
    const traces = watcher.events.map(({ type, data }) => ({ type, ...(data as unknown as Trace) }));
    assert.deepEqual(
      traces.map(({ type, operation, status }) => [type, operation, status]),
      [
        ["trace", "chat.get", 200],
        ["trace", "chat.get", 401],
      ],
    );
    const { text } = await app.send({ path: `${FEED}/${traces[0]?.id}` });
    assert.deepEqual(JSON.parse(text), watcher.events[0]?.data);
  }
  assert.equal(headers.link, undefined);
  assert.equal(headers["server-timing"], undefined);
});

test("background requests are in the feed, too, with a mark", async (t) => {
  const { app, ada } = await classWithAda(t);
  const watcher = await listen(t, app.origin, { path: FEED });
  const words = ["background", "1, background", "1"];
  for (const explain of words) {
    const { headers } = await app.send({ path: CHAT, user: ada.user, headers: { explain } });
    assert.equal(headers.link !== undefined, explain.includes("1"), explain);
  }
  await watcher.until(() => watcher.events.length === words.length);
  const marks = watcher.events.map(({ data }) => (data as unknown as Trace).request.background);
  assert.deepEqual(marks, [true, true, undefined]);
});

test("the client's type of a trace matches the server's", () => {
  // Only the types check this: neither side may import the other.
  const asTold = (trace: Trace): ToldTrace => trace;
  assert.equal(asTold.length, 1);
});

test("a watcher that does not read delays nobody, and is told how many traces it missed", async (t) => {
  const { app, ada } = await classWithAda(t);
  const [slow, quick] = [await listen(t, app.origin, { path: FEED }), await listen(t, app.origin, { path: FEED })];
  slow.pause();
  const missed = () =>
    slow.events
      .filter(({ type }) => type === "missed")
      .reduce((sum, { data }) => sum + (data as unknown as { count: number }).count, 0);
  const seen = () => slow.events.filter(({ type }) => type === "trace").length;
  let sent = 0;
  // The system buffers some megabytes before anything waits in the server.
  for (; sent < 1500; sent++) {
    const body = { userHandle: "ada", message: "x".repeat(4000) };
    const { status } = await app.send({ method: "POST", path: CHAT, user: ada.user, body });
    assert.equal(status, 200);
    // A watcher that reads gets each trace at once. It must not fall behind here, on a busy machine either.
    await quick.until(() => quick.events.length === sent + 1);
  }
  slow.resume();
  // Each round sends one more trace, until there is room for it again.
  while (sent < 2000 && (seen() + missed() < sent || missed() === 0)) {
    await app.send({ path: CHAT, user: "99:012345678901" });
    sent++;
    // Over a database, the server asks for the teacher's decisions before it sends a trace: the reply may come first.
    await quick.until(() => quick.events.length === sent);
  }
  assert.equal(seen() + missed(), sent);
  assert.ok(sent < 2000, "the missed traces are reported as soon as there is room, not with the next heartbeat");
  t.diagnostic(`of ${sent} traces it has missed ${missed()}`);
});

test("the feed ends when the server stops, and a request that ends during the stop does no harm", async (t) => {
  const { app, ada } = await classWithAda(t);
  const watcher = await listen(t, app.origin, { path: FEED });
  // This request waits until the server stops, and gets its answer then.
  const waiting = app.send({ path: `${CHAT}?wait=30`, user: ada.user });
  await app.send({ path: CHAT, user: ada.user });
  await watcher.until(() => watcher.events.length === 1);
  await app.stop();
  assert.equal(await watcher.ended, true);
  assert.equal((await waiting).status, 200);
});

test("Feed writes nothing to a watcher after it is closed", async (t) => {
  const server = createServer((_request, response) => {
    response.flushHeaders();
    feed.add(response, "127.0.0.1");
  });
  const feed = new Feed();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const watcher = await listen(t, `http://127.0.0.1:${port}`, { path: "/" });
  feed.tell("{}");
  await watcher.until(() => watcher.events.length === 1);
  feed.close();
  // If Feed wrote to a reply after its end, Node would throw and the process would end.
  feed.tell("{}");
  assert.equal(await watcher.ended, true);
  assert.equal(watcher.events.length, 1);
});
