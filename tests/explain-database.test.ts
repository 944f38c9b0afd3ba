/**
 * Tests Explain over a database: a trace shows rows where it shows files otherwise, the reply stays the same, and no
 * trace shows a secret or what another request has done.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import postgres from "postgres";
import { ROUTES } from "../server/operations/routes.ts";
import type { FileTouch } from "../server/store/contract.ts";
import { comparable, type Explained, explain, requestsToAll } from "../testing/explained.ts";
import { machine } from "../testing/machine.ts";
import { noDatabase, theDatabase } from "../testing/open-test-database.ts";
import type { Request } from "../testing/request.ts";
import { type RunningApp, startApp } from "../testing/start-app.ts";

const skip = noDatabase;
const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";

async function start(t: TestContext): Promise<RunningApp> {
  return startApp(t, { database: await (await theDatabase()).create() });
}

const filesOf = ({ trace }: Explained): FileTouch[] => trace.steps.flatMap(({ files }) => files);
const at = ({ trace }: Explained, id: string): FileTouch[] => trace.steps.find((step) => step.id === id)?.files ?? [];
/** What each row was used for, such as "read users row 1". */
const didWhat = (files: FileTouch[]) =>
  files.map(({ path, did }) => `${did} ${path.replace(/[0-9a-f]{64}/, "<hash>")}`);
/** The row before or after. */
const row = (files: FileTouch[], path: string, when: "before" | "after" = "after") =>
  JSON.parse(files.find((file) => file.path === path)?.[when]?.text ?? assert.fail(`${path} is not there ${when}`));

test("every operation is explained, and the reply is the same byte for byte", { skip }, async (t) => {
  const [plain, explained] = [await start(t), await start(t)];
  const [plainRequests, explainedRequests] = [await requestsToAll(plain), await requestsToAll(explained)];
  const operations = new Set<string>();
  for (const [i, request] of plainRequests.entries()) {
    const reply = await plain.send(request);
    const { reply: explainedReply, trace } = await explain(explained, explainedRequests[i] ?? request);
    assert.deepEqual(comparable(explainedReply), comparable(reply), `${request.method} ${request.path}`);
    assert.equal(trace.database, true);
    if (reply.status === 200) operations.add(trace.operation);
  }
  const outsideClass = ROUTES.map(({ id }) => id).filter((id) => /^(register|users|chat|stream)\./.test(id));
  assert.deepEqual([...operations].sort(), outsideClass.sort());
});

test("each step shows the rows that it read and changed", { skip }, async (t) => {
  const app = await start(t);
  const grace = await app.register("grace");
  const body = { secret: app.secret, userHandle: "ada" };
  const registered = await explain(app, { method: "POST", path: REGISTER, body });
  assert.deepEqual(didWhat(filesOf(registered)), [
    "read secret",
    "changed user_ids",
    "created users row 2",
    "created handles row <hash>",
  ]);
  const { userId, authToken } = registered.reply.json;
  const user = `${userId}:${authToken}`;
  assert.deepEqual(
    [row(filesOf(registered), "user_ids", "before").last_value, row(filesOf(registered), "user_ids").last_value],
    [1, 2],
  );

  const toGrace = { userHandle: "grace", message: "hello" };
  const sent = at(await explain(app, { method: "POST", path: CHAT, user, body: toGrace }), "chat.post.7");
  assert.deepEqual(didWhat(sent), ["created messages row 1", "created events row 1", "changed head"]);
  const { message, from_handle, to_id } = row(sent, "messages row 1");
  assert.deepEqual({ message, from_handle, to_id }, { message: "hello", from_handle: "ada", to_id: grace.userId });
  assert.deepEqual(row(sent, "head", "before"), { seq: 0, message_id: 0 });
  assert.deepEqual(row(sent, "head"), { seq: 1, message_id: 1 });

  const fetched = at(await explain(app, { path: CHAT, user: grace.user }), "chat.get.6");
  assert.deepEqual(didWhat(fetched), ["read messages row 1"]);
  assert.equal(fetched[0]?.after?.text, sent[0]?.after?.text);

  const change = { messageId: 1, message: "new" };
  const edited = at(await explain(app, { method: "PATCH", path: CHAT, user, body: change }), "chat.patch.5");
  assert.deepEqual(didWhat(edited), ["changed messages row 1", "created events row 2", "changed head"]);
  assert.equal(edited[0]?.before?.text, sent[0]?.after?.text);
  assert.equal(row(edited, "messages row 1").message, "new");
  assert.deepEqual(row(edited, "head"), { seq: 2, message_id: 1 });
  const removed = await explain(app, { method: "DELETE", path: CHAT, user: grace.user, body: { messageId: 1 } });
  assert.deepEqual(didWhat(at(removed, "chat.delete.5")), [
    "removed messages row 1",
    "created events row 3",
    "changed head",
  ]);

  const both = { userHandle: "lovelace", rotateAuth: true };
  const renamed = await explain(app, { method: "PATCH", path: REGISTER, user, body: both });
  assert.deepEqual(didWhat(at(renamed, "register.patch.6")), ["created handles row <hash>"]);
  const rewritten = at(renamed, "register.patch.7");
  assert.deepEqual(didWhat(rewritten), ["changed users row 2", "created events row 4", "changed head"]);
  assert.equal(row(rewritten, "users row 2", "before").handle, "ada");
  assert.equal(row(rewritten, "users row 2").handle, "lovelace");
  assert.equal(row(rewritten, "events row 4").op, "token");
  assert.deepEqual(didWhat(at(renamed, "register.patch.8")), ["removed handles row <hash>"]);

  const mine = `${userId}:${renamed.reply.json.authToken}`;
  const rotated = await explain(app, { method: "PATCH", path: REGISTER, user: mine, body: { rotateAuth: true } });
  assert.equal(didWhat(at(rotated, "register.patch.7"))[0], "changed users row 2", "only the covered column differs");
  const last = `${userId}:${rotated.reply.json.authToken}`;
  const left = await explain(app, { method: "DELETE", path: REGISTER, user: last });
  assert.deepEqual(didWhat(filesOf(left)), [
    "read users row 2",
    "removed users row 2",
    "created events row 6",
    "changed head",
    "created events row 7",
    "changed head",
    "removed handles row <hash>",
  ]);
  assert.deepEqual(didWhat(filesOf(await explain(app, { path: `${REGISTER}?userHandle=ada`, user }))), [
    "looked for users row 2",
  ]);
});

test("a request that writes nothing shows no row that it wrote", { skip }, async (t) => {
  const app = await start(t);
  const [ada, eve] = [await app.register("ada"), await app.register("eve")];
  const taken = await explain(app, { method: "POST", path: REGISTER, body: { secret: app.secret, userHandle: "ada" } });
  assert.deepEqual(didWhat(at(taken, "register.post.8")), []);
  assert.deepEqual(didWhat(at(taken, "register.post.8.1")), ["removed users row 3"]);
  const renamed = await explain(app, { method: "PATCH", path: REGISTER, user: eve.user, body: { userHandle: "ada" } });
  assert.equal(renamed.reply.status, 409);
  assert.deepEqual(didWhat(filesOf(renamed)), ["read users row 2"]);
  const headers = { "idempotency-key": "once" };
  const request = {
    method: "POST",
    path: CHAT,
    user: ada.user,
    headers,
    body: { userHandle: "eve", message: "hello" },
  };
  const first = at(await explain(app, request), "chat.post.7");
  const again = at(await explain(app, request), "chat.post.7");
  assert.deepEqual(didWhat(again), ["read messages row 1"]);
  assert.equal(again[0]?.after?.text, first[0]?.after?.text);
  assert.equal(row(again, "messages row 1").idempotency_key, "(not shown)");
});

test("a trace shows about 4 KiB of a page", { skip }, async (t) => {
  const app = await start(t);
  const ada = await app.register("ada");
  for (let i = 0; i < 20; i++) await app.publish(ada, ada, i < 5 ? "x".repeat(1500) : "short");
  const page = async (query: string) =>
    didWhat(at(await explain(app, { path: `${CHAT}?${query}`, user: ada.user }), "chat.get.6"));
  assert.deepEqual(
    await page("limit=20"),
    [1, 2, 3].map((id) => `read messages row ${id}`),
  );
  assert.deepEqual(
    await page("after=5"),
    [6, 7, 8, 9, 10, 11, 12, 13].map((id) => `read messages row ${id}`),
  );
});

test("no trace shows a secret, a token, an Idempotency-Key or what was made from them", { skip }, async (t) => {
  const app = await start(t);
  const { secret } = app;
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  const key = "k3y-of-ada";
  const explained: Explained[] = [];
  const see = async (request: Request) => explained.push(await explain(app, request));
  for (const hidden of [secret, grace.authToken]) {
    const { user } = ada;
    for (const userHandle of [hidden, hidden.toUpperCase(), `it is ${hidden}`]) {
      await see({ method: "POST", path: REGISTER, body: { secret, userHandle } });
      await see({ path: `${REGISTER}?userHandle=${encodeURIComponent(userHandle)}`, user });
      await see({ method: "POST", path: CHAT, user, body: { userHandle, message: `\n${userHandle}` } });
      await see({ path: CHAT, user, body: { box: "sent" } });
      await see({ path: "/api/v1/users", user });
      await see({ path: "/api/v1/users?after=2", user });
      await see({ method: "PATCH", path: REGISTER, user, body: { userHandle: `${userHandle}!` } });
      await see({ method: "PATCH", path: REGISTER, user, body: { userHandle: "ada" } });
    }
  }
  const headers = { "idempotency-key": key };
  const request = { method: "POST", path: CHAT, user: ada.user, headers };
  await see({ ...request, body: { userHandle: "grace", message: `my token is ${ada.authToken}` } });
  await see({ path: CHAT, user: grace.user });
  await see({ method: "PATCH", path: REGISTER, user: grace.user, body: { rotateAuth: true, userHandle: "hopper" } });
  await see({ method: "POST", path: REGISTER, body: { secret: "a-wrong-secret-of-mine", userHandle: "alan" } });
  const tokens = explained.map(({ reply }) => reply.json.authToken).filter((token) => token !== undefined);
  assert.ok(tokens.length >= 8);
  for (const text of [secret, ada.authToken, grace.authToken, "a-wrong-secret-of-mine", ...tokens]) {
    for (const form of [text, text.toUpperCase()]) {
      const hash = createHash("sha256").update(form).digest("hex");
      for (const hidden of [form, hash, Buffer.from(form).toString("base64").replace(/=+$/, ""), form.slice(0, 20)]) {
        for (const { text: trace, reply } of explained)
          assert.ok(!trace.includes(hidden), `${reply.status} shows ${hidden}: ${trace}`);
      }
    }
  }
  const digests = explained.flatMap((each) =>
    filesOf(each).flatMap(({ after }) => /"digest":"([^"]*)"/.exec(after?.text ?? "")?.[1] ?? []),
  );
  assert.deepEqual([...new Set(digests)], ["(not shown)"], "a digest of a text that is hidden");
  for (const { text } of explained) assert.ok(!text.includes(key));
});

test("a token and the class secret are covered in whatever form they are, and not when they are compared", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const app = await startApp(t, { database: address });
  const [ada, eve] = [await app.register("ada"), await app.register("eve")];
  const [token, secret] = ["a token of another form", 'the "quoted" secret'];
  const sql = postgres(address, { max: 1 });
  await sql`update users set auth_token = ${token} where user_id = ${ada.userId}`;
  await sql`update secret set text = ${secret}`;
  await sql.end();
  const listed = await explain(app, { path: "/api/v1/users", user: eve.user });
  const [shown] = at(listed, "users.get.4");
  assert.equal(JSON.parse(shown?.after?.text ?? "").auth_token, "(23 characters, not shown)");
  const own = await explain(app, { path: CHAT, user: `${ada.userId}:${token}` });
  const wrong = await explain(app, { path: CHAT, user: `${ada.userId}:0123456789abc` });
  const step = ({ trace }: Explained, id: string) => trace.steps.find((each) => each.id === id);
  assert.deepEqual(step(own, "chat.get.3.1")?.compared, { given: 23, kept: 23, equal: true });
  assert.deepEqual(step(wrong, "chat.get.3.1")?.compared, { given: 13, kept: 23, equal: false });
  assert.equal(step(wrong, "chat.get.3.1")?.milliseconds, null);
  const body = { secret, userHandle: "alan" };
  const registered = await explain(app, { method: "POST", path: REGISTER, body });
  assert.deepEqual(row(at(registered, "register.post.2"), "secret"), { text: "(19 characters, not shown)" });
  assert.deepEqual(step(registered, "register.post.3")?.compared, { given: 19, kept: 19, equal: true });
  const refused = await explain(app, { method: "POST", path: REGISTER, body: { ...body, secret: app.secret } });
  for (const { text } of [listed, own, wrong, registered, refused])
    for (const hidden of ["another form", "quoted"]) assert.ok(!text.includes(hidden), text);
});

test("a trace of an edit or removal does not show a message between other users", { skip }, async (t) => {
  const app = await start(t);
  const [ada, grace, eve] = [await app.register("ada"), await app.register("grace"), await app.register("eve")];
  const messageId = await app.publish(ada, grace, "between ada and grace");
  for (const method of ["PATCH", "DELETE"]) {
    const body = { messageId, ...(method === "PATCH" && { message: "mine" }) };
    const explained = await explain(app, { method, path: CHAT, user: eve.user, body });
    assert.equal(explained.trace.status, 404);
    assert.deepEqual(didWhat(filesOf(explained)), ["read users row 3"]);
    assert.ok(!explained.text.includes("between ada and grace"), method);
  }
  await explain(app, { method: "DELETE", path: REGISTER, user: grace.user }).then(({ text }) =>
    assert.ok(!text.includes("between ada and grace"), "a queue that is removed"),
  );
});

test("two hundred explained requests at once do not show each other's rows", { skip }, async (t) => {
  const app = await start(t);
  const grace = await app.register("grace");
  const senders = await Promise.all(Array.from({ length: 10 }, (_, i) => app.register(`sender-${i}`)));
  const messages = Array.from({ length: 200 }, (_, i) => ({ sender: senders[i % 10] ?? grace, message: `text ${i}.` }));
  const explained = await Promise.all(
    messages.map(async ({ sender, message }) => {
      const request = { method: "POST", path: CHAT, user: sender.user, body: { userHandle: "grace", message } };
      return { message, sender, sent: await explain(app, request) };
    }),
  );
  const seen = new Set<number>();
  for (const { message, sender, sent } of explained) {
    const { messageId } = sent.reply.json;
    const files = at(sent, "chat.post.7");
    const { seq } = row(files, `messages row ${messageId}`);
    seen.add(seq);
    assert.deepEqual(didWhat(files), [
      `created messages row ${messageId}`,
      `created events row ${seq}`,
      "changed head",
    ]);
    assert.deepEqual([row(files, "head", "before").seq, row(files, "head").seq], [seq - 1, seq]);
    assert.deepEqual(didWhat(filesOf(sent).filter(({ path }) => path.startsWith("users "))), [
      `read users row ${sender.userId}`,
    ]);
    for (const other of messages) {
      if (other.message !== message) assert.ok(!sent.text.includes(other.message), `${message} shows ${other.message}`);
    }
  }
  assert.equal(seen.size, messages.length);
});

test("the terminal shows rows as in docs/guides/explain.md, and says once what stands for what", {
  skip,
}, async (t) => {
  const app = await start(t);
  const here = await machine(t, app.origin);
  await here.run(["register", "ada", "--secret", app.secret]);
  const lookUp = await here.run(["explain", "GET", "/api/v1/register?userHandle=nobody"]);
  const send = await here.run(["explain", "POST", CHAT, "-d", '{"userHandle":"ada","message":"hello"}']);
  const comparable = (text: string) =>
    text.replace(/ +[\d.]+ ms/g, " TIME").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "WHEN");
  const document = readFileSync(new URL("../docs/guides/explain.md", import.meta.url), "utf8");
  const [, ofDatabase = ""] = /## A server with a database\n([\s\S]*?)\n## /.exec(document) ?? [];
  const [looked = "", sent = ""] = [...ofDatabase.matchAll(/```\n([\s\S]*?)```/g)].map(([, text]) => text);
  const [second = "", fifth = ""] = looked.split(/(?<=\n)(?=✓)/);
  for (const step of [second, fifth]) assert.ok(comparable(lookUp.out).includes(comparable(step)), lookUp.out);
  assert.ok(comparable(send.out).includes(comparable(sent)), send.out);
  assert.equal(lookUp.out.split("This server keeps its data in a database").length, 2);
});

test("a request that nobody explains asks the database for nothing more", { skip }, async (t) => {
  const app = await start(t);
  const ada = await app.register("ada");
  const body = { userHandle: "ada", message: "hello" };
  const plain = await app.send({ method: "POST", path: CHAT, user: ada.user, body });
  assert.equal(plain.headers.link, undefined);
  let asked = 0;
  const witnessed = app.store.observedBy;
  Object.assign(app.store, {
    observedBy: (...witness: Parameters<typeof witnessed>) => {
      asked++;
      return witnessed(...witness);
    },
  });
  await app.send({ method: "POST", path: CHAT, user: ada.user, body });
  assert.equal(asked, 0);
  await explain(app, { method: "POST", path: CHAT, user: ada.user, body });
  assert.equal(asked, 1);
});
