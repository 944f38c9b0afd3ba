/**
 * Tests how the class's tables change together with the events: one event for each decision, in the same transaction, and
 * without holding up those who publish.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import postgres from "postgres";
import { atEnd } from "../../../../testing/at-end.ts";
import { databasePrograms, startDatabase } from "../../../../testing/database.ts";
import type { Classroom } from "../../contract.ts";
import { openDatabase } from "../open-database.ts";

const skip = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";
const cluster = skip === false ? await startDatabase({ after: (work) => after(work) }) : undefined;
const ADA = 1;
const REPORT = { lesson: 1, case: undefined, passed: 3, total: 3 };

async function openClass(t: TestContext, address?: string) {
  const database = address ?? (await cluster?.create()) ?? "";
  let changes = 0;
  const store = await openDatabase({
    address: database,
    mustBeDurable: false,
    now: () => Date.UTC(2030, 0, 2),
    report: () => {},
    onEvent: () => {},
    onTokenEnd: () => {},
    isClass: true,
    onClassChange: () => changes++,
  });
  atEnd(t, () => store.close());
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  atEnd(t, () => sql.end());
  const classEvents = async () => (await sql`select from events where op = 'class'`).length;
  return { store, classroom: store.classroom as Classroom, sql, classEvents, database, changes: () => changes };
}

test("each decision numbers one event, and what is no news for anybody numbers none", { skip }, async (t) => {
  const { store, classroom, classEvents } = await openClass(t);
  await store.users.createTokenFile(ADA, "token-of-ada-1", "ada");
  await classroom.change({ isPaused: true, lesson: 2 });
  await classroom.changePupil(ADA, { isMuted: true, isHidden: true, isHandUp: true });
  await classroom.setTeacher(ADA);
  assert.equal(await classEvents(), 3);
  await classroom.keepCode(ADA, "K7Q2MX", new Date(Date.UTC(2031, 0, 2)).toISOString());
  assert.equal(await classroom.useCode(ADA, "k7q2mx", Date.UTC(2030, 0, 2)), true);
  await classroom.keepProgress(ADA, REPORT);
  assert.equal(await classEvents(), 3);
  const decisions = await classroom.decisions();
  assert.deepEqual(decisions.facts, { isPaused: true, showsTexts: false, showsBoard: undefined, lesson: 2 });
  assert.deepEqual(decisions.pupil(ADA), { isMuted: true, isHidden: true, isHandUp: true });
  assert.deepEqual([decisions.teacherId, decisions.hiddenIds], [ADA, [ADA]]);
});

test("in a transaction, the event comes at its end and once, and nobody who publishes waits before", {
  skip,
}, async (t) => {
  const { store, classroom, sql, classEvents, changes } = await openClass(t);
  const { users } = store;
  await users.createTokenFile(ADA, "token-of-ada-1", "ada");
  await users.oneAtATime(ADA, async () => {
    await classroom.changePupil(ADA, { isMuted: true });
    await classroom.changePupil(ADA, { isHidden: true });
    // Fails at once if somebody has the lock.
    await sql`select from head for update nowait`;
    assert.equal((await classroom.decisions()).pupil(ADA).isMuted, true, "the transaction sees what it has done");
    assert.equal((await sql`select from class_muted`).length, 0, "and nobody else does");
  });
  assert.equal(await classEvents(), 1);
  while (changes() === 0) await new Promise((resolve) => setImmediate(resolve));
});

test("what a refused request has done before counts, together with its event", { skip }, async (t) => {
  const { store, classroom, classEvents } = await openClass(t);
  await store.users.createTokenFile(ADA, "token-of-ada-1", "ada");
  const refused = store.users.oneAtATime(ADA, async () => {
    await classroom.changePupil(ADA, { isMuted: true });
    throw new Error("refused");
  });
  await assert.rejects(refused, /^Error: refused$/);
  assert.equal((await classroom.decisions()).pupil(ADA).isMuted, true);
  assert.equal(await classEvents(), 1);
});

test("an old code does not count, nor does a late one, and a new one starts with no wrong tries", {
  skip,
}, async (t) => {
  const { store, classroom } = await openClass(t);
  await store.users.createTokenFile(ADA, "token-of-ada-1", "ada");
  const until = Date.UTC(2030, 0, 2, 0, 10);
  const keep = (code: string) => classroom.keepCode(ADA, code, new Date(until).toISOString());
  await keep("AAAAAA");
  for (let tries = 0; tries < 4; tries++) assert.equal(await classroom.useCode(ADA, "WRONGX", 0), false);
  await keep("BBBBBB");
  assert.equal(await classroom.useCode(ADA, "AAAAAA", 0), false);
  assert.equal(await classroom.useCode(ADA, "BBBBBB", until - 1), true);
  assert.equal(await classroom.useCode(ADA, "BBBBBB", until - 1), false, "it counts once");
  await keep("CCCCCC");
  assert.equal(await classroom.useCode(ADA, "CCCCCC", until), false, "it is too late");
});

test("the next start goes on with the class, without those who have left in the meantime", { skip }, async (t) => {
  const first = await openClass(t);
  await first.store.users.createTokenFile(ADA, "token-of-ada-1", "ada");
  await first.classroom.change({ showsBoard: true });
  await first.classroom.keepProgress(ADA, REPORT);
  await first.sql`insert into class_hands (user_id, since) values (7, now())`;
  await first.sql`insert into class_progress (user_id, progress) values (8, 'damaged')`;
  await first.store.users.createTokenFile(9, "token-of-nina-9", "nina");
  await first.sql`insert into class_progress (user_id, progress) values (9, 'damaged')`;
  const next = await openClass(t, first.database);
  assert.equal(next.store.classTag, first.store.classTag);
  assert.match(next.store.classTag, /^[\w-]{16}$/);
  assert.equal((await next.classroom.openKey()).text, (await first.classroom.openKey()).text);
  assert.equal((await next.classroom.decisions()).facts.showsBoard, true);
  assert.equal((await next.sql`select from class_hands`).length, 0);
  const all = await next.classroom.openAllProgress();
  assert.deepEqual([...all.keys()], [ADA], "a damaged text is like none");
  assert.deepEqual(all.get(ADA), await next.classroom.openProgress(ADA));
  assert.equal((await next.classroom.keepProgress(9, REPORT)).passed, 3, "and the next report replaces it");
});
