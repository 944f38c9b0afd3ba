/**
 * Tests that a class in a database is put away and opened again as a whole: with all its tables, whoever registers,
 * publishes or reads at that moment, and whatever holds a lock.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { atEnd } from "../../../../testing/at-end.ts";
import { addUser, noDatabase, readBox, send, theDatabase } from "../../../../testing/open-test-database.ts";
import type { ChatEvent, Classroom, FileTouch, User } from "../../contract.ts";
import { DatabaseAwayError, OtherClassError } from "../../store-errors.ts";
import { Database } from "../connection/database.ts";
import { madeByMigrations } from "../migrate.ts";
import { openDatabase } from "../open-database.ts";
import { CLASS_TABLES, SHARED_TABLES } from "./exchange-classes.ts";

const skip = noDatabase;

/** Opens the class in a database, as one of its servers. */
async function openClass(t: TestContext, address: string) {
  const events: ChatEvent[] = [];
  const heard = { otherClass: 0 };
  const store = await openDatabase({
    mustBeDurable: false,
    address,
    now: () => Date.UTC(2030, 0, 2, 12),
    report: () => {},
    onEvent: (event) => events.push(event),
    onTokenEnd: () => {},
    onOtherClass: () => heard.otherClass++,
    isClass: true,
  });
  atEnd(t, () => store.close());
  const { archives } = store.classroom as Classroom;
  return { ...store, classroom: store.classroom as Classroom, archives, events, heard };
}

function connect(t: TestContext, address: string) {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  atEnd(t, () => sql.end());
  return sql;
}

/** Waits until the condition holds. */
async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await condition()); await setTimeout(5)) {
    assert.ok(Date.now() < deadline, what);
  }
}

test("every table that the migrations make belongs to one class, or to all of them", () => {
  const made = madeByMigrations().filter(({ kind }) => kind === "table");
  const names = ["migrations", ...made.map(({ name }) => name)];
  assert.deepEqual(names.sort(), [...CLASS_TABLES, ...SHARED_TABLES].sort());
});

test("a class is put away with all that is in its tables, and comes back with it", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const sql = connect(t, address);
  const rows = async (schema: string) => {
    const all: Record<string, unknown> = {};
    for (const table of CLASS_TABLES) all[table] = await sql`select * from ${sql(schema)}.${sql(table)}`;
    return JSON.stringify(all);
  };
  const first = await openClass(t, address);
  const ada = await addUser(first, "ada");
  const grace = await addUser(first, "grace");
  await send(first, ada, grace, "on Monday", "key-1");
  await first.classroom.setTeacher(ada.userId);
  await first.classroom.change({ isPaused: true, lesson: 3 });
  await first.classroom.changePupil(grace.userId, { isMuted: true, isHidden: true, isHandUp: true });
  await first.classroom.keepCode(grace.userId, "K7Q2MX", "2031-01-01T00:00:00.000Z");
  await first.classroom.keepProgress(grace.userId, { lesson: 1, case: undefined, passed: 2, total: 2 });
  await sql`update class set label = '9b'`;
  const monday = await rows("public");
  const keys = await sql`select * from class_keys`;
  const secret = (await first.secret.open())?.text;

  assert.equal(await first.archives.change({}), "2030-01-02T12-00-00Z");
  assert.equal(await rows("archive_2030-01-02T12-00-00Z"), monday);
  assert.deepEqual(await sql`select * from class_keys`, keys, "the teacher's address stays");
  assert.equal((await sql`select from ${sql("archive_2030-01-02T12-00-00Z")}.class_keys`).length, 0);
  await until(() => first.heard.otherClass === 1, "the server hears of it");

  const second = await openClass(t, address);
  assert.notEqual(second.classTag, first.classTag);
  assert.notEqual((await second.secret.open())?.text, secret);
  assert.deepEqual(await second.users.list(0, 10), []);
  assert.equal(await second.archives.openLabel(), undefined);
  const facts = { isPaused: false, showsTexts: false, showsBoard: undefined, lesson: undefined };
  assert.deepEqual((await second.classroom.decisions()).facts, facts);
  const about = { label: "9b", endedAt: "2030-01-02T12:00:00.000Z", userCount: 2, messageCount: 1 };
  assert.deepEqual(await second.archives.list(), [{ archive: "2030-01-02T12-00-00Z", ...about }]);
  const karl = await addUser(second, "ada");
  assert.equal(karl.userId, 3, "no id comes twice in a database");
  await send(second, karl, karl, "on Tuesday");

  // At the same second: so it has a number.
  const label = `9c, "Tuesday" 'n \\ it's`;
  assert.equal(await second.archives.change({ label, open: "2030-01-02T12-00-00Z" }), "2030-01-02T12-00-00Z-2");
  const third = await openClass(t, address);
  assert.equal(third.classTag, first.classTag);
  assert.equal((await third.secret.open())?.text, secret);
  const [last] = await sql<{ seq: string }[]>`delete from events where op = 'switch' returning seq`;
  assert.equal(await rows("public"), monday);
  assert.equal(Number(last?.seq), (await third.messages.last()).eventId);
  assert.deepEqual(
    (await third.archives.list()).map((each) => [each.archive, each.label, each.userCount, each.messageCount]),
    [["2030-01-02T12-00-00Z-2", label, 1, 1]],
  );
  assert.equal(await third.archives.openLabel(), "9b");
  const linus = await addUser(third, "linus");
  assert.equal(linus.userId, 4);
  assert.deepEqual(await send(third, ada, grace, "on Monday", "key-1"), {
    messageId: 1,
    sentAt: "2030-01-02T12:00:00.000Z",
  });
  assert.equal(((await send(third, ada, linus, "again")) as { messageId: number }).messageId, 3);
});

test("a stream of a class that came back goes on where it was, also if nobody has told it the last event", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const first = await openClass(t, address);
  const ada = await addUser(first, "ada");
  await send(first, ada, ada, "told");
  const { eventId } = await first.messages.last();
  await send(first, ada, ada, "not told");
  const archive = await first.archives.change({});
  const second = await openClass(t, address);
  const karl = await addUser(second, "karl");
  for (let i = 0; i < 5; i++) await send(second, karl, karl, "of another class");
  await second.archives.change({ open: archive });
  const third = await openClass(t, address);
  await send(third, ada, ada, "after it came back");
  const { eventId: last } = await third.messages.last();
  await until(() => third.messages.toldUpTo === last, "it is told");
  const query = { userId: ada.userId, box: "received", after: eventId, missedUpTo: last, limit: 10 } as const;
  const resumed = await third.messages.events(query);
  assert.ok(resumed !== "forgotten");
  assert.deepEqual(
    resumed.events.map(({ json }) => JSON.parse(json).message),
    ["not told", "after it came back"],
  );
});

test("while users register and publish at two servers, the class ends: all that is acknowledged is in one class", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const servers = [await openClass(t, address), await openClass(t, address)];
  const [a, b] = servers as [(typeof servers)[0], (typeof servers)[0]];
  const ada = await addUser(a, "ada");
  const users: { userId: number; handle: string }[] = [{ userId: ada.userId, handle: "ada" }];
  const messages: number[] = [];
  const handsUp: number[] = [];
  const left = new Set<number>();
  const refusals = new Set<string>();
  let isOver = false;
  /** A request of several steps, as the operation does it. */
  const leave = (server: typeof a, user: User) =>
    server.users.oneAtATime(user.userId, async () => {
      if (typeof (await server.users.openTokenFile(user.userId)) === "string") throw new Error("The user is not found");
      await server.users.removeTokenFile(user.userId);
      await server.messages.dropQueue(user.userId);
      await server.users.removeTraces(user);
      await server.classroom.forgetPupil(user.userId);
    });
  const clients = Array.from({ length: 8 }, async (_, i) => {
    const server = i % 2 === 0 ? a : b;
    for (let round = 0; !isOver; round++) {
      try {
        const handle = `user-${i}-${round}`;
        const user = await addUser(server, handle);
        users.push({ userId: user.userId, handle });
        const published = await send(server, user, ada, handle);
        if (typeof published === "object") messages.push(published.messageId);
        else refusals.add(published);
        await server.classroom.changePupil(user.userId, { isHandUp: true });
        handsUp.push(user.userId);
        if (round % 4 !== 0) continue;
        await leave(server, user);
        left.add(user.userId);
      } catch (error) {
        refusals.add(error instanceof OtherClassError ? "other class" : String(error));
      }
    }
  });
  await until(() => messages.length > 100, "they publish");
  const { eventId } = await a.messages.last();
  const archive = await a.archives.change({ label: "9b" });
  await until(() => b.heard.otherClass === 1 && a.heard.otherClass === 1, "both hear of it");
  await until(() => refusals.has("other class"), "they are refused");
  isOver = true;
  await Promise.all(clients);
  refusals.delete("other class");
  refusals.delete("sender gone");
  // addUser() reads the user again, who is in the archive by then.
  refusals.delete("Error: The user is not found");
  assert.deepEqual([...refusals], []);

  const sql = connect(t, address);
  const schema = `archive_${archive}`;
  const ids = async (table: string, column: string, from = schema) =>
    (await sql`select ${sql(column)} as id from ${sql(from)}.${sql(table)} order by 1`).map(({ id }) => Number(id));
  const archived = { users: await ids("users", "user_id"), messages: await ids("messages", "message_id") };
  assert.deepEqual(
    users.map(({ userId }) => userId).filter((id) => archived.users.includes(id) === left.has(id)),
    [],
  );
  const handles = await ids("handles", "user_id");
  assert.deepEqual(
    users.map(({ userId }) => userId).filter((id) => handles.includes(id) === left.has(id)),
    [],
    "with their handles",
  );
  assert.deepEqual(
    messages.toSorted((one, other) => one - other),
    archived.messages,
  );
  const hands = await ids("class_hands", "user_id");
  assert.deepEqual(
    handsUp.filter((id) => hands.includes(id) === left.has(id)),
    [],
  );
  for (const [table, column] of [
    ["users", "user_id"],
    ["handles", "user_id"],
    ["messages", "message_id"],
    ["class_hands", "user_id"],
  ] as const) {
    assert.deepEqual(await ids(table, column, "public"), [], `nobody has written into ${table} of the next class`);
  }
  const [switched] = await sql<{ seq: string }[]>`select seq from events where op = 'switch'`;
  assert.ok(Number(switched?.seq) > eventId);
  const [before] = await sql<{ seq: string }[]>`select max(seq) as seq from ${sql(schema)}.events`;
  assert.equal(Number(before?.seq), Number(switched?.seq) - 1, "the events of both classes are in one order");
});

test("what began in a class does not end in the next one, at a server that has not heard of it", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const [a, b] = [await openClass(t, address), await openClass(t, address)];
  const ada = await addUser(a, "ada");
  const half = await b.users.nextId();
  await b.users.createTokenFile(half, "token-of-nobody-1", "half");
  await a.archives.change({});
  const otherClass = { name: "OtherClassError" };
  await assert.rejects(b.users.createHandleFile(b.users.hashHandle("half"), half), otherClass);
  await assert.rejects(b.users.createTokenFile(await b.users.nextId(), "token-of-nobody-2", "late"), otherClass);
  await assert.rejects(async () => b.classroom.decisions(), otherClass);
  await assert.rejects(b.classroom.change({ isPaused: true }), otherClass);
  await assert.rejects(b.classroom.changePupil(ada.userId, { isHandUp: true }), otherClass);
  await assert.rejects(b.classroom.keepCode(ada.userId, "K7Q2MX", "2031-01-01T00:00:00.000Z"), otherClass);
  await assert.rejects(b.messages.pageOfAll(0, 10), otherClass);
  assert.equal(await send(b, ada, ada, "late"), "sender gone");
  assert.equal(await b.messages.edit(1, "late"), undefined);
  const next = await openClass(t, address);
  assert.equal((await next.classroom.decisions()).facts.isPaused, false);
  assert.deepEqual(await next.users.list(0, 10), []);
  const linus = await addUser(next, "linus");
  assert.deepEqual(await readBox(next, linus), []);
  assert.equal((await next.archives.list())[0]?.userCount, 1, "who has no handle is not counted");
});

test("of several servers that end the class at the same moment, one does, and nobody ends the next one", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const servers = await Promise.all(Array.from({ length: 4 }, () => openClass(t, address)));
  await addUser(servers[0] as (typeof servers)[0], "ada");
  const ended = await Promise.all(servers.map(({ archives }) => archives.change({})));
  assert.equal(ended.filter((archive) => archive !== undefined).length, 1);
  assert.ok(servers.every(({ archives }) => archives.isChanging));
  const next = await openClass(t, address);
  assert.equal(next.archives.isChanging, false);
  assert.equal((await next.archives.list()).length, 1);
});

test("while somebody holds a lock, the class does not end and goes on, and ends when the lock is gone", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const sql = connect(t, address);
  const server = await openClass(t, address);
  const ada = await addUser(server, "ada");
  await sql`begin`;
  // As pg_dump does it for a whole backup.
  await sql`lock table handles in access share mode`;
  const ending = server.archives.change({ label: "9b" });
  ending.catch(() => {});
  let sent = 0;
  for (let isOver = false; !isOver; ) {
    isOver = await Promise.race([
      ending.catch(() => {}).then(() => true),
      send(server, ada, ada, "hi").then(() => false),
    ]);
    if (!isOver) sent++;
  }
  await assert.rejects(ending, DatabaseAwayError);
  assert.ok(sent > 10, `${sent} messages in the meantime`);
  assert.equal(server.archives.isChanging, false);
  assert.equal(server.heard.otherClass, 0);
  assert.deepEqual(await server.archives.list(), []);
  assert.equal((await sql`select label from class`)[0]?.label, null);
  await sql`commit`;
  const archive = await server.archives.change({ label: "9b" });
  await sql`begin`;
  await sql`select from ${sql(`archive_${archive}`)}.users`;
  assert.equal(await server.archives.state(archive ?? ""), "in use");
  await sql`commit`;
  assert.equal(await server.archives.state(archive ?? ""), "closed");
  for (const name of ["", "..", "2030", `${archive}x`]) assert.equal(await server.archives.state(name), "not found");
});

test("an archive of an older version is brought up to date when it is opened, and one of a newer version stays", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const sql = connect(t, address);
  const first = await openClass(t, address);
  await addUser(first, "ada");
  const archive = (await first.archives.change({})) ?? "";
  const schema = `archive_${archive}`;
  // As it was before migration 3.
  await sql`alter table ${sql(schema)}.head drop column class_began`;
  await sql`delete from ${sql(schema)}.migrations where number >= 3`;
  await sql`create table ${sql(schema)}.notes (text text)`;
  // Somebody has brought it here with keys of its own.
  await sql`insert into ${sql(schema)}.class_keys (teacher, projector) values ('other', 'other')`;
  const keys = JSON.stringify(await sql`select * from class_keys`);
  const second = await openClass(t, address);
  const putAway = (await second.archives.change({ open: archive })) ?? "";
  const migrations = async (of: string) =>
    (await sql<{ number: number }[]>`select number from ${sql(of)}.migrations order by 1`).map(({ number }) => number);
  assert.deepEqual(await migrations(`archive_${putAway}`), await migrations("public"));
  assert.equal((await sql`select class_began from ${sql(`archive_${putAway}`)}.head`).length, 1);
  assert.equal((await sql`select from ${sql(schema)}.notes`).length, 0, "what somebody has put there stays");
  assert.equal(JSON.stringify(await sql`select * from class_keys`), keys);
  assert.equal((await sql`select from ${sql(`archive_${putAway}`)}.class_keys`).length, 0);
  const third = await openClass(t, address);
  assert.equal((await third.users.list(0, 10)).length, 1);
  assert.deepEqual(await third.archives.list(), [], "and is no archive, nor is a class that nobody was in");

  await sql`insert into ${sql(`archive_${putAway}`)}.migrations (number) values (9999)`;
  await assert.rejects(third.archives.change({ open: putAway }), /changed by a newer plainchat/);
  await sql`insert into migrations (number) values (9999)`;
  await assert.rejects(third.archives.change({}), /changed by a newer plainchat/);
  assert.equal((await third.users.list(0, 10)).length, 1, "the class is as it was");
  assert.equal((await sql`select from pg_namespace where nspname = 'new_class'`).length, 0);
});

test("whoever watches sees the rows and schemas of the end of a class, and no secret", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const server = await openClass(t, address);
  await addUser(server, "ada");
  const touches: FileTouch[] = [];
  const nothing = () => {};
  const touched = (touch: FileTouch) => touches.push(touch);
  const witness = { touched, compared: nothing, conceal: nothing, made: nothing, pause: nothing, resume: nothing };
  const secrets = [(await server.secret.open())?.text ?? ""];
  const didWhat = () => touches.splice(0).map(({ did, path }) => `${did} ${path}`);
  const watched = server.observedBy(witness).classroom?.archives;
  const archive = (await watched?.change({ label: "9b" })) ?? "";
  const schema = `schema archive_${archive}`;
  assert.ok(touches.at(-1)?.after?.text?.includes('\\"label\\":\\"9b\\"'), JSON.stringify(touches.at(-1)));
  const shown = JSON.stringify(touches);
  assert.deepEqual(didWhat(), ["changed class", "changed secret", `created ${schema}`]);

  const next = await openClass(t, address);
  secrets.push((await next.secret.open())?.text ?? "");
  const others = next.observedBy(witness).classroom?.archives;
  await others?.openLabel();
  await others?.list();
  await others?.state(archive);
  await others?.state("2030");
  assert.deepEqual(didWhat(), ["read class", `read ${schema}`, `read ${schema}`, "looked for schema archive_2030"]);
  const putAway = await others?.change({ open: archive });
  for (const secret of secrets) assert.ok(!(shown + JSON.stringify(touches)).includes(secret));
  const changes = ["changed class", "changed secret", `removed ${schema}`, `created schema archive_${putAway}`];
  assert.deepEqual(didWhat(), changes);
});

test("a transaction that must be whole counts for nothing if its work throws", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const database = new Database(address, { mustBeDurable: false });
  await database.begin();
  atEnd(t, () => database.close());
  await database.change((sql) => sql`create table notes (text text)`);
  const work = async () => {
    await database.change((sql) => sql`insert into notes values ('half')`);
    throw new Error("in the middle");
  };
  await assert.rejects(database.transaction(1, work, true), /in the middle/);
  assert.equal((await database.ask((sql) => sql`select from notes`)).length, 0);
});

test("an archive that nobody has counted is counted by the list", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const sql = connect(t, address);
  const server = await openClass(t, address);
  const ada = await addUser(server, "ada");
  await send(server, ada, ada, "hi");
  const schema = `archive_${await server.archives.change({ label: "9b" })}`;
  for (const [comment, known] of [
    ['{"label":"9c"}', { label: "9c" }],
    ["written by hand", {}],
  ] as const) {
    await sql.unsafe(`comment on schema "${schema}" is '${comment}'`);
    const [listed] = await server.archives.list();
    assert.deepEqual(listed, { archive: schema.slice("archive_".length), ...known, userCount: 1, messageCount: 1 });
  }
  await sql.unsafe(`drop schema "${schema}" cascade`);
  assert.deepEqual(await server.archives.list(), []);
});
