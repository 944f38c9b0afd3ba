/**
 * Tests a class with two servers on one database: what is decided at one holds at the other at once, and its streams and
 * its wall hear of it. Without PostgreSQL on this computer there is nothing to test.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import postgres from "postgres";
import { databasePrograms, startDatabase } from "../../testing/database.ts";
import { say, startLesson, teach } from "../../testing/lesson.ts";
import { listen } from "../../testing/listen.ts";
import { send } from "../../testing/request.ts";
import { PROJECTOR_KEY, startApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const skip = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";
const cluster = skip === false ? await startDatabase({ after: (work) => after(work) }) : undefined;

/** A class at one server, and a second server beside it. */
async function startTwo(t: TestContext) {
  const database = await cluster?.create();
  const { app, ...people } = await startLesson(t, { database });
  const other = await startApp(t, { isClass: true, database });
  return { app, other, database: database ?? "", ...people };
}

test("a pause at one server holds at the other with the next request, for sending and for editing", {
  skip,
}, async (t) => {
  const { app, other, teacher, ada, grace } = await startTwo(t);
  const messageId = await other.publish(ada, grace, "hi");
  for (let round = 0; round < 20; round++) {
    await teach(app, "PATCH ", { isPaused: true });
    const sent = await say(other, ada, grace);
    assert.deepEqual([sent.status, sent.json.step], [403, "chat.post.3.2"]);
    const body = { messageId, message: "ho" };
    const edited = await other.send({ method: "PATCH", path: "/api/v1/chat", user: ada.user, body });
    assert.deepEqual([edited.status, edited.json.step], [403, "chat.patch.3.2"]);
    assert.equal((await say(other, teacher, grace)).status, 200, "the teacher may write");
    await teach(app, "PATCH ", { isPaused: false });
    assert.equal((await say(other, ada, grace)).status, 200);
  }
});

test("nobody publishes after a pause was acknowledged, however many servers and senders there are", {
  skip,
}, async (t) => {
  const { app, other, ada, grace } = await startTwo(t);
  let isPaused = false;
  let late = 0;
  const senders = Array.from({ length: 12 }, async (_, i) => {
    for (;;) {
      const wasPaused = isPaused;
      const { status } = await say(i % 2 === 0 ? app : other, ada, grace);
      if (wasPaused && status === 200) late++;
      if (status === 403) return;
    }
  });
  await teach(app, "PATCH ", { isPaused: true });
  isPaused = true;
  await Promise.all(senders);
  assert.equal(late, 0);
});

test("who is muted, hidden or has a hand up is so at both servers", { skip }, async (t) => {
  const { app, other, ada, grace } = await startTwo(t);
  await teach(app, "PATCH /pupils", { userId: ada.userId, isMuted: true });
  assert.equal((await say(other, ada, grace)).json.step, "chat.post.3.2");
  assert.equal((await say(other, grace, ada)).status, 200);
  await other.send({ method: "PATCH", path: "/api/v1/class/hand", user: ada.user, body: { isUp: true } });
  await teach(other, "PATCH /pupils", { userId: grace.userId, isHidden: true });
  for (const each of [app, other]) {
    const { pupils } = (await teach(each, "GET /pupils")).json;
    assert.deepEqual(
      pupils.map(({ userHandle, isMuted, isHidden, isHandUp }) => [userHandle, isMuted, isHidden, isHandUp]),
      [
        ["ada", true, false, true],
        ["grace", false, true, false],
      ],
    );
  }
  await teach(other, "PATCH /pupils", { userId: ada.userId, isMuted: false, isHandUp: false });
  assert.equal((await say(app, ada, grace)).status, 200);
});

test("a stream at one server hears what is decided at the other", { skip }, async (t) => {
  const { app, other, ada, grace } = await startTwo(t);
  const [ofAda, ofGrace] = [await listen(t, other.origin, ada), await listen(t, other.origin, grace)];
  const lastOf = ({ events }: typeof ofAda) =>
    (events.filter(({ type }) => type === "class").at(-1)?.data ?? {}) as unknown as Record<string, unknown>;
  await teach(app, "PATCH ", { lesson: 3, showsTexts: true });
  await teach(app, "PATCH /pupils", { userId: ada.userId, isMuted: true });
  await app.send({ method: "PATCH", path: "/api/v1/class/hand", user: grace.user, body: { isUp: true } });
  const facts = { isPaused: false, showsTexts: true, lesson: 3 };
  await ofAda.until(() => lastOf(ofAda).isMuted === true);
  assert.deepEqual(lastOf(ofAda), { ...facts, isMuted: true, isHandUp: false });
  await ofGrace.until(() => lastOf(ofGrace).isHandUp === true);
  assert.deepEqual(lastOf(ofGrace), { ...facts, isMuted: false, isHandUp: true });
});

test("a wall at one server hears what is decided at the other", { skip }, async (t) => {
  const { app, other } = await startTwo(t);
  const wall = await listen(t, other.origin, { path: "/api/v1/explain" });
  const facts = () => wall.events.filter(({ type }) => type === "class").map(({ data }) => data as object);
  await teach(app, "PATCH ", { isPaused: true });
  await teach(app, "PATCH ", { isPaused: false, lesson: 7 });
  await wall.until(() => JSON.stringify(facts().at(-1)) === '{"isPaused":false,"showsTexts":false,"lesson":7}');
});

test("the teacher of one server is the teacher of the other, with the same keys", { skip }, async (t) => {
  const { app, other, teacher, ada } = await startTwo(t);
  const again = await teach(other, "POST /teacher", { userHandle: "somebody-else" });
  assert.deepEqual([again.status, again.json.userId, again.json.authToken], [200, teacher.userId, teacher.authToken]);
  const { users } = (await other.send({ path: "/api/v1/class" })).json as unknown as {
    users: { userId: number; isTeacher?: true }[];
  };
  assert.deepEqual(
    users.filter(({ isTeacher }) => isTeacher).map(({ userId }) => userId),
    [teacher.userId],
  );
  const looksAlike = { userHandle: "MsHopper", secret: other.secret };
  assert.equal((await other.send({ method: "POST", path: "/api/v1/register", body: looksAlike })).status, 409);
  const headers = { authorization: `Bearer ${PROJECTOR_KEY}` };
  const secrets = [app, other].map((each) => each.send({ path: "/api/v1/class/secret", headers }));
  assert.deepEqual(
    (await Promise.all(secrets)).map(({ text }) => JSON.parse(text).secret),
    [app.secret, app.secret],
  );
  assert.equal((await teach(other, "POST /messages", { message: "Hello." })).json.recipients, 2);
  const [message] = (await app.send({ path: "/api/v1/chat", user: ada.user })).json.messages;
  assert.equal((message as { isTeacher?: boolean }).isTeacher, true);
});

test("two pages that become the teacher at two servers at once get the same user", { skip }, async (t) => {
  const database = await cluster?.create();
  const apps = [await startApp(t, { isClass: true, database }), await startApp(t, { isClass: true, database })];
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      teach(apps[i % 2] as (typeof apps)[0], "POST /teacher", { userHandle: `teacher-${i}` }),
    ),
  );
  assert.deepEqual([...new Set(replies.map(({ json }) => json.userId))], [replies[0]?.json.userId]);
  assert.ok(replies.every(({ status }) => status === 200));
});

test("a rejoin code of one server counts once at the other, and five wrong tries count together", {
  skip,
}, async (t) => {
  const { app, other, ada } = await startTwo(t);
  const rejoin = (server: typeof app, rejoinCode: string) =>
    server.send({ method: "POST", path: "/api/v1/class/rejoin", body: { userHandle: "ada", rejoinCode } });
  const wrong = "AAAAAA";
  const { code } = (await teach(app, "POST /codes", { userId: ada.userId })).json;
  // Each refusal is thrown inside the transaction, and what it has counted must still count.
  for (const server of [app, other, app, other]) assert.equal((await rejoin(server, wrong)).status, 403);
  const both = await Promise.all([rejoin(app, code), rejoin(other, code)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 403]);
  const { code: next } = (await teach(other, "POST /codes", { userId: ada.userId })).json;
  for (const server of [app, other, app, other, app]) assert.equal((await rejoin(server, wrong)).status, 403);
  assert.equal((await rejoin(other, next)).status, 403, "the fifth wrong one has used it up");
});

test("reports of one pupil at two servers at once are all kept", { skip }, async (t) => {
  const { app, other, ada } = await startTwo(t);
  const report = (server: typeof app, lesson: number) =>
    server.send({
      method: "PATCH",
      path: "/api/v1/class/progress",
      user: ada.user,
      body: { lesson, passed: 3, total: 3 },
    });
  const replies = await Promise.all(Array.from({ length: 14 }, (_, i) => report(i % 2 === 0 ? app : other, i + 1)));
  assert.ok(replies.every(({ status }) => status === 200));
  const { pupils } = (await teach(other, "GET /pupils")).json;
  assert.deepEqual(
    pupils[0]?.lessonsPassed,
    Array.from({ length: 14 }, (_, i) => i + 1),
  );
});

test("nothing about a pupil stays in the database, also while the other server writes about them", {
  skip,
}, async (t) => {
  const { app, other, ada, grace, database } = await startTwo(t);
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  const rowsAbout = async (userId: number) => {
    const [row] = await sql<{ count: number }[]>`
      select ((select count(*) from class_muted where user_id = ${userId})
            + (select count(*) from class_hidden where user_id = ${userId})
            + (select count(*) from class_hands where user_id = ${userId})
            + (select count(*) from class_codes where user_id = ${userId})
            + (select count(*) from class_progress where user_id = ${userId}))::integer as count`;
    return row?.count;
  };
  for (const person of [ada, grace]) {
    const { userId, user } = person;
    await teach(app, "PATCH /pupils", { userId, isMuted: true, isHidden: true });
    await teach(app, "POST /codes", { userId });
    const body = { lesson: 1, passed: 1, total: 1 };
    await app.send({ method: "PATCH", path: "/api/v1/class/progress", user, body });
    await app.send({ method: "PATCH", path: "/api/v1/class/hand", user, body: { isUp: true } });
    assert.equal(await rowsAbout(userId), 5);
    const leave =
      person === ada
        ? teach(app, "DELETE /pupils", { userId })
        : app.send({ method: "DELETE", path: "/api/v1/register", user });
    const others = Array.from({ length: 10 }, () => [
      teach(other, "POST /codes", { userId }),
      teach(other, "PATCH /pupils", { userId, isMuted: true, isHidden: true, isHandUp: true }),
      other.send({ method: "PATCH", path: "/api/v1/class/hand", user, body: { isUp: true } }),
      other.send({ method: "PATCH", path: "/api/v1/class/progress", user, body }),
    ]);
    assert.equal((await leave).status, 200);
    const statuses = (await Promise.all(others.flat())).map(({ status }) => status);
    assert.ok(
      statuses.every((status) => [200, 401, 404].includes(status)),
      String(statuses),
    );
    assert.equal(await rowsAbout(userId), 0);
  }
  await sql.end();
});

test("the class ends once, also if it is told to end at two servers at the same moment", { skip }, async (t) => {
  const { app, other, database } = await startTwo(t);
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  for (const [call, body, name] of [
    ["POST /archives", {}, "archives"],
    ["POST /open", { archive: "" }, "open"],
  ] as const) {
    const [one, two] = [await startApp(t, { isClass: true, database }), await startApp(t, { isClass: true, database })];
    const [first] = (await teach(app, "GET /archives")).json.archives ?? [];
    const sent = first === undefined ? body : { archive: first.archive };
    // Both wait for this lock when they have taken all steps before: the second one finds another class then.
    await sql`begin`;
    await sql`select pg_advisory_xact_lock(-1)`;
    const replies = Promise.all([one, two].map((each) => teach(each, call, sent)));
    const waiting = () => sql`select from pg_locks where locktype = 'advisory' and not granted`;
    while ((await waiting()).length < 2) await new Promise((resolve) => setImmediate(resolve));
    await sql`commit`;
    const both = (await replies).map(({ status, json }) => `${status} ${json.step ?? ""}`);
    assert.deepEqual(both.sort(), ["200 ", `409 ${name}.post.6.1`]);
  }
  await sql.end();
  assert.equal((await teach(other, "GET /pupils")).status, 503, "a server that has not opened the next class says so");
});

test("new keys in the table count at all servers at once", { skip }, async (t) => {
  const { app, other, database } = await startTwo(t);
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  await sql`update class_keys set teacher = gen_random_uuid()`;
  const [row] = await sql<{ teacher: string }[]>`select teacher from class_keys`;
  await sql.end();
  for (const each of [app, other]) {
    assert.equal((await teach(each, "GET /pupils", undefined, TEACHER_KEY)).status, 403);
    assert.equal((await teach(each, "GET /pupils", undefined, row?.teacher)).status, 200);
  }
});

test("what only one server knows is not said as if it were of all", { skip }, async (t) => {
  const { app, other, ada, grace } = await startTwo(t);
  const body = { userHandle: grace.userHandle, message: "hi" };
  const headers = { explain: "1" };
  const sent = await app.send({ method: "POST", path: "/api/v1/chat", user: ada.user, body, headers });
  const [, trace = ""] = /^<([^>]+)>/.exec(String(sent.headers.link)) ?? [];
  assert.equal((await app.send({ path: trace })).status, 200);
  const elsewhere = await other.send({ path: trace });
  assert.equal(elsewhere.status, 404);
  assert.match(elsewhere.json.detail, /Each server has its own traces: ask the one that answered the request\.$/);
  const classes = await Promise.all([app, other].map((each) => each.send({ path: "/api/v1/class" })));
  const [here, there] = classes.map(({ text }) => JSON.parse(text));
  assert.equal(here.isOneOfSeveral, true);
  assert.equal(there.folder, here.folder, "a wall does not begin again when it gets the other server");
  const alone = await startLesson(t, { database: undefined });
  const isOnFiles = process.env.PLAINCHAT_TEST_DATABASE !== "1";
  if (isOnFiles) assert.ok(!(await alone.app.send({ path: "/api/v1/class" })).text.includes("isOneOfSeveral"));
});

test("each server prints the same keys at its start, and the next one, too", { skip }, async (t) => {
  const environment = {
    PLAINCHAT_CLASS: "1",
    PLAINCHAT_HOST: "127.0.0.1",
    PLAINCHAT_STORE: (await cluster?.create()) ?? "",
    PLAINCHAT_NOT_DURABLE: "1",
  };
  const root = await temporaryFolder(t);
  const keys: string[] = [];
  for (let start = 0; start < 3; start++) {
    const server = await startServer(t, root, environment);
    const [, teacher = ""] = /for the teacher +http:\S+\/teacher#([\w-]{22})$/m.exec(server.output()) ?? assert.fail();
    const [, projector = ""] = /for the projector +http:\S+#([\w-]{22})$/m.exec(server.output()) ?? assert.fail();
    const reply = await send(server.origin, {
      path: "/api/v1/class/secret",
      headers: { authorization: `Bearer ${projector}` },
    });
    assert.deepEqual(JSON.parse(reply.text), { secret: server.secret });
    keys.push(`${teacher} ${projector} ${server.secret}`);
    if (start === 1) await server.stop("SIGTERM");
  }
  assert.equal(new Set(keys).size, 1, keys.join("\n"));
});

test("a message that is sent as soon as a stream has its reply is heard, whichever server it goes to", {
  skip,
}, async (t) => {
  const { app, other, ada, grace } = await startTwo(t);
  const missed: number[] = [];
  for (let round = 0; round < 25; round++) {
    const stream = await listen(t, app.origin, ada);
    await other.publish(grace, ada, `round ${round}`);
    // What was sent before this one has come by then.
    await app.publish(grace, ada, "end");
    const heard = stream.until(() => stream.events.some(({ data }) => data.message === "end"));
    const isHeard = await Promise.race([heard.then(() => true), after1Second()]);
    const isFirstHeard = stream.events.some(({ data }) => data.message === `round ${round}`);
    if (!isHeard || !isFirstHeard) missed.push(round);
    stream.close();
  }
  assert.deepEqual(missed, []);
});

function after1Second(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 1000).unref());
}
