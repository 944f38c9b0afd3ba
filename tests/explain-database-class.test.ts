/**
 * Tests Explain over a database in class mode: what the class sees of rows is what it would see of files. No text unless
 * the teacher shows texts, nothing of a hidden pupil, no key, no rejoin code and nobody's progress.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import postgres from "postgres";
import { ROUTES } from "../server/operations/routes.ts";
import { type Explained, explain, requestsToAll } from "../testing/explained.ts";
import { noDatabase, theDatabase } from "../testing/open-test-database.ts";
import { PROJECTOR_KEY, type RunningApp, startApp, TEACHER_KEY } from "../testing/start-app.ts";

const skip = noDatabase;
const CHAT = "/api/v1/chat";
const CLASS = "/api/v1/class";
const headers = { authorization: `Bearer ${TEACHER_KEY}` };

async function start(t: TestContext): Promise<RunningApp & { address: string }> {
  const address = await (await theDatabase()).create();
  return { ...(await startApp(t, { database: address, isClass: true })), address };
}

async function decide(app: RunningApp, method: string, path: string, body: object): Promise<void> {
  const { status, text } = await app.send({ method, path: `${CLASS}${path}`, headers, body });
  assert.equal(status, 200, text);
}

/** The trace as the class sees it now. */
async function again(app: RunningApp, { reply }: Explained): Promise<string> {
  const path = /<(.*)>/.exec(String(reply.headers.link))?.[1] ?? "";
  return (await app.send({ path })).text;
}

const didWhat = ({ trace }: Explained) =>
  trace.steps.flatMap(({ files }) => files.map(({ path, did }) => `${did} ${path.replace(/[0-9a-f]{64}/, "<hash>")}`));

test("every operation of a class is explained, and shows the rows of the class", { skip }, async (t) => {
  const app = await start(t);
  const operations = new Set<string>();
  const rows = new Set<string>();
  const requests = await requestsToAll(app);
  const end = requests.pop();
  for (const request of requests) {
    const explained = await explain(app, request);
    assert.notEqual(explained.reply.status, 500, explained.reply.text);
    operations.add(explained.trace.operation);
    for (const line of didWhat(explained)) rows.add(line.replace(/\d+$/, "<id>"));
    for (const key of [TEACHER_KEY, PROJECTOR_KEY]) assert.ok(!explained.text.includes(key), explained.text);
  }
  const ended = await app.send({ ...end, path: end?.path ?? "", headers: { ...headers, explain: "1" } });
  assert.match(String(ended.headers["server-timing"]), /archives\.post\.7/);
  // This server has not opened the next class yet, and must not show traces by the decisions of that one.
  const [, link = ""] = /<(.*)>/.exec(String(ended.headers.link)) ?? [];
  assert.equal((await app.send({ path: link })).status, 503);
  operations.add("archives.post");
  assert.deepEqual([...operations].sort(), ROUTES.map(({ id }) => id).sort());
  for (const row of [
    "read class_keys",
    "changed class",
    "created class_muted row <id>",
    "created class_hands row <id>",
    "created class_progress row <id>",
    "created class_codes row <id>",
    "changed class_codes row <id>",
  ]) {
    assert.ok(rows.has(row), `${row}: ${[...rows].join(", ")}`);
  }
});

test("no text of a message is in a row, unless the teacher shows texts and the message is there", {
  skip,
}, async (t) => {
  const app = await start(t);
  const [ada, grace] = [await app.register("ada"), await app.register("grace")];
  const { user } = ada;
  const key = { "idempotency-key": "k3y-of-ada" };
  const post = { method: "POST", path: CHAT, user, body: { userHandle: "grace", message: "Xyzzy plugh" } };
  const sent = await explain(app, { ...post, headers: key });
  const { messageId } = sent.reply.json;
  const edit = { messageId, message: "Xyzzy again" };
  const all = [
    sent,
    await explain(app, { ...post, headers: key }),
    await explain(app, { method: "PATCH", path: CHAT, user, body: edit }),
    await explain(app, { path: CHAT, user: grace.user }),
  ];
  for (const { text } of all) {
    assert.ok(!text.includes("Xyzzy") && !text.includes("k3y-of-ada"), text);
    assert.match(text, /\\"message\\":\\"\(11 characters\)\\"/);
    for (const [, digest] of text.matchAll(/\\"digest\\":\\"([^\\]*)/g)) assert.equal(digest, "(not shown)");
    assert.ok(!text.includes('\\"crc\\"'), "a row has no checksum");
  }
  assert.match(sent.text, /\\"digest\\"/);
  await decide(app, "PATCH", "", { showsTexts: true });
  for (const each of all) assert.match(await again(app, each), /\\"message\\":\\"Xyzzy/);
  const removed = await explain(app, { method: "DELETE", path: CHAT, user, body: { messageId } });
  for (const each of [...all, removed]) assert.ok(!(await again(app, each)).includes("Xyzzy"));
});

test("a hidden pupil is in no row of others", { skip }, async (t) => {
  const app = await start(t);
  const [ada, grace] = [await app.register("ada"), await app.register("grace the rude")];
  await decide(app, "PATCH", "/pupils", { userId: grace.userId, isHidden: true });
  const body = { userHandle: grace.userHandle, message: "hello" };
  const all = [
    await explain(app, { method: "POST", path: CHAT, user: ada.user, body }),
    await explain(app, { path: `${CHAT}?box=sent`, user: ada.user }),
    await explain(app, { path: "/api/v1/users", user: ada.user }),
    await explain(app, { path: "/api/v1/register?userHandle=grace+the+rude", user: ada.user }),
  ];
  const hash = createHash("sha256").update(grace.userHandle).digest("hex");
  for (const { text } of all) assert.ok(!text.includes("rude") && !text.includes(hash), text);
  assert.match(all[0]?.text ?? "", /\\"to_handle\\":\\"\(not shown\)\\"/);
  assert.match(all[2]?.text ?? "", /\\"handle\\":\\"\(not shown\)\\"/);
});

test("only the teacher sees how far a pupil is, and nobody sees a rejoin code or its hash", { skip }, async (t) => {
  const app = await start(t);
  const ada = await app.register("ada");
  await decide(app, "PATCH", "", { showsTexts: true });
  const report = { lesson: 3, passed: 1, total: 4, case: "somebody-is-a-fool" };
  const path = `${CLASS}/progress`;
  const code = await explain(app, { method: "POST", path: `${CLASS}/codes`, headers, body: { userId: ada.userId } });
  const sql = postgres(app.address, { max: 1 });
  const [row] = await sql<{ hash: string }[]>`select hash from class_codes`;
  await sql.end();
  const rejoinCode: string = JSON.parse(code.reply.text).code;
  const about = [
    await explain(app, { method: "PATCH", path, user: ada.user, body: report }),
    await explain(app, { path, user: ada.user }),
  ];
  const wrong = { userHandle: "ada", rejoinCode: "AAAAAA" };
  const all = [
    ...about,
    code,
    await explain(app, { method: "POST", path: `${CLASS}/rejoin`, body: wrong }),
    await explain(app, { method: "POST", path: `${CLASS}/rejoin`, body: { userHandle: "ada", rejoinCode } }),
  ];
  const { reply } = all.at(-1) ?? code;
  assert.equal(reply.status, 200, reply.text);
  all.push(
    await explain(app, { method: "DELETE", path: "/api/v1/register", user: `${ada.userId}:${reply.json.authToken}` }),
  );
  assert.ok(didWhat(all.at(-1) ?? code).includes(`removed class_progress row ${ada.userId}`));
  for (const each of all) {
    const text = await again(app, each);
    for (const hidden of ["fool", rejoinCode, row?.hash ?? ""]) assert.ok(!text.includes(hidden), text);
  }
  const link = /<(.*)>/.exec(String(about[0]?.reply.headers.link))?.[1] ?? "";
  assert.match((await app.send({ path: link, headers })).text, /class_progress row 1.*somebody-is-a-fool/);
});
