/**
 * Tests the end of a class that two servers share: real programs on one database. Both change to the next class, whoever
 * sends requests at that moment, and whichever of them is killed in the middle. Without PostgreSQL on this computer there
 * is nothing to test.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ChatError } from "../../client/chat-error.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import { databasePrograms, startDatabase } from "../../testing/database.ts";
import { asked } from "../../testing/kept.ts";
import { listen } from "../../testing/listen.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const skip = databasePrograms() === undefined && "PostgreSQL is missing (apt install postgresql)";
const cluster = skip === false ? await startDatabase({ after: (work) => after(work) }) : undefined;

async function startTwo(t: TestContext) {
  const database = (await cluster?.create()) ?? "";
  const environment = {
    PLAINCHAT_CLASS: "1",
    PLAINCHAT_HOST: "127.0.0.1",
    PLAINCHAT_STORE: database,
    PLAINCHAT_NOT_DURABLE: "1",
  };
  const root = await temporaryFolder(t);
  const start = () => startServer(t, root, environment);
  const [a, b] = [await start(), await start()];
  const [row] = await asked(database, (sql) => sql<{ teacher: string }[]>`select teacher from class_keys`);
  const teacherAt = (origin: string) => new TeacherClient(origin, { teacherKey: row?.teacher ?? "", attempts: 20 });
  return { a, b, start, database, teacherAt };
}

async function join(origin: string, secret: string, userHandle: string) {
  const client = new PlainchatClient(origin, { attempts: 20 });
  const { userId, authToken } = await client.registerUser({ secret, userHandle });
  return { client, userId, authToken, user: `${userId}:${authToken}` };
}

function secretIn(database: string): Promise<string> {
  return asked(database, async (sql) => (await sql<{ text: string }[]>`select text from secret`)[0]?.text ?? "");
}

async function classTag(origin: string): Promise<string | undefined> {
  const reply = await fetch(`${origin}/api/v1/class`).catch(() => undefined);
  if (reply?.status !== 200) return undefined;
  return ((await reply.json()) as { folder: string }).folder;
}

/** Waits until a server has the next class. @returns its tag. */
async function nextClass(origin: string, before: string | undefined): Promise<string> {
  for (const signal = AbortSignal.timeout(20_000); ; signal.throwIfAborted()) {
    const tag = await classTag(origin);
    if (tag !== undefined && tag !== before) return tag;
    await setTimeout(5);
  }
}

/** Waits until a server has printed a text. */
async function printed({ output }: { output: () => string }, text: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !output().includes(text); await setTimeout(5)) {
    assert.ok(Date.now() < deadline, `${text} is not in:\n${output()}`);
  }
}

const statusOf = (error: unknown) => (error instanceof ChatError ? error.status : -1);

test("both servers change to the next class under load, and back again", { skip }, async (t) => {
  const { a, b, database, teacherAt } = await startTwo(t);
  const secret = a.secret;
  const ada = await join(a.origin, secret, "ada");
  await join(b.origin, secret, "grace");
  const monday = await classTag(a.origin);
  assert.equal(await classTag(b.origin), monday);
  const streams = await Promise.all([a, b].map(({ origin }) => listen(t, origin, ada)));

  const texts: string[] = [];
  const joined: { userId: number; authToken: string }[] = [];
  const failures: number[] = [];
  let isOver = false;
  const senders = [a, b, a, b].map(async ({ origin }, i) => {
    const mine = await join(origin, secret, `sender-${i}`);
    for (let round = 0; !isOver; round++) {
      const text = `${i}-${round}`;
      try {
        await mine.client.publishMessage({ userHandle: "grace", message: text });
        texts.push(text);
      } catch (error) {
        failures.push(statusOf(error));
        return;
      }
    }
  });
  const newcomers = [a, b].map(async ({ origin }, i) => {
    for (let round = 0; !isOver; round++) {
      try {
        joined.push(await join(origin, secret, `newcomer-${i}-${round}`));
      } catch (error) {
        failures.push(statusOf(error));
        return;
      }
    }
  });
  while (texts.length < 50 || joined.length < 10) await setTimeout(5);
  const { archive } = await teacherAt(a.origin).endClass({ label: "9b" });
  const [tuesday, there] = await Promise.all([a, b].map(({ origin }) => nextClass(origin, monday)));
  assert.equal(there, tuesday);
  await Promise.all([...senders, ...newcomers]);
  isOver = true;
  // The token or the handle is of nobody, the secret is an old one, or no reply came while a server opened the database.
  assert.deepEqual(
    failures.filter((status) => ![401, 404, 403, 0].includes(status)),
    [],
  );
  await Promise.all(streams.map(({ ended }) => ended));
  const lastIds = streams.map(({ lastId }) => lastId());
  for (const { origin, output } of [a, b]) {
    await assert.rejects(listen(t, origin, { user: ada.user, lastEventId: lastIds[0] ?? "" }), /stream\.get\.2\.1/);
    const newSecret = await secretIn(database);
    assert.notEqual(newSecret, secret);
    await printed({ output }, newSecret);
    await assert.rejects(join(origin, secret, "late"), { status: 403 });
    assert.deepEqual((await teacherAt(origin).listPupils()).pupils, []);
    const { archives } = await teacherAt(origin).listArchives();
    assert.deepEqual(
      archives.map(({ endedAt: _, ...rest }) => rest),
      [{ archive, label: "9b", userCount: 6 + joined.length, messageCount: texts.length }],
    );
  }
  const karl = await join(b.origin, await secretIn(database), "ada");
  await karl.client.publishMessage({ userHandle: "ada", message: "on Tuesday" });

  const opened = await teacherAt(b.origin).openArchive({ archive });
  assert.equal(opened.archive, archive);
  for (const { origin } of [a, b]) assert.equal(await nextClass(origin, tuesday), monday);
  await assert.rejects(karl.client.fetchQueue(), { status: 401 });
  for (const { authToken, userId } of joined) {
    const client = new PlainchatClient(a.origin, { attempts: 20, credentials: { myId: userId, myAuth: authToken } });
    assert.equal((await client.fetchQueue()).messages.length, 0);
  }
  const grace = await asked(database, (sql) => sql<{ message: string }[]>`select message from messages`);
  assert.deepEqual(grace.map(({ message }) => message).sort(), texts.sort());
  // A stream goes on where it was, at the other server, and hears what happens now.
  const stream = await listen(t, b.origin, { user: ada.user, lastEventId: lastIds[0] ?? "" });
  await ada.client.publishMessage({ userHandle: "ada", message: "back again" });
  await stream.until(() => stream.events.some(({ data }) => data.message === "back again"));
  assert.ok(!stream.text().includes("event: reset"), stream.text());
  assert.equal(await a.stop("SIGTERM"), 0);
  assert.equal(await b.stop("SIGTERM"), 0);
});

test("a server that is killed in the middle leaves the old class whole, and the other server goes on with it", {
  skip,
}, async (t) => {
  const { a, b, start, database, teacherAt } = await startTwo(t);
  const ada = await join(a.origin, a.secret, "ada");
  await ada.client.publishMessage({ userHandle: "ada", message: "hi" });
  const tag = await classTag(b.origin);
  const before = await secretIn(database);
  await asked(database, async (sql) => {
    // The last statement before the commit waits for this lock: all tables have changed places by then.
    await sql`select pg_advisory_lock(4711)`;
    await sql.unsafe(`
      create function wait_at_the_end() returns event_trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock_shared(4711); end $$;
      create event trigger at_the_end on ddl_command_start when tag in ('DROP SCHEMA')
        execute function wait_at_the_end();`);
    const ending = teacherAt(a.origin).endClass();
    ending.catch(() => {});
    const waiting = () => sql`select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`;
    while ((await waiting()).length === 0) await setTimeout(5);
    await a.stop("SIGKILL");
    await assert.rejects(ending);
    await sql`select pg_advisory_unlock(4711)`;
    while ((await waiting()).length > 0) await setTimeout(5);
    await sql.unsafe("drop event trigger at_the_end");
  });
  const other = new PlainchatClient(b.origin, {
    attempts: 20,
    credentials: { myId: ada.userId, myAuth: ada.authToken },
  });
  assert.deepEqual(
    (await other.fetchQueue()).messages.map(({ message }) => message),
    ["hi"],
  );
  assert.equal(await secretIn(database), before);
  assert.equal(await classTag(b.origin), tag);
  assert.deepEqual((await teacherAt(b.origin).listArchives()).archives, []);
  const again = await start();
  assert.equal(await classTag(again.origin), tag);
  await teacherAt(again.origin).endClass();
  assert.equal(await nextClass(b.origin, tag), await nextClass(again.origin, tag));
});

test("a server whose database is away when the class has ended comes back with the next class", { skip }, async (t) => {
  const own = await startDatabase(t);
  const database = await own.create();
  const environment = {
    PLAINCHAT_CLASS: "1",
    PLAINCHAT_HOST: "127.0.0.1",
    PLAINCHAT_STORE: database,
    PLAINCHAT_NOT_DURABLE: "1",
  };
  const server = await startServer(t, await temporaryFolder(t), environment);
  const ada = await join(server.origin, server.secret, "ada");
  const tag = await classTag(server.origin);
  const [row] = await asked(database, (sql) => sql<{ teacher: string }[]>`select teacher from class_keys`);
  const teacher = new TeacherClient(server.origin, { teacherKey: row?.teacher ?? "", attempts: 20 });
  // Half a request: the server waits for the rest before it opens the database again.
  const half = connect(Number(new URL(server.origin).port), "127.0.0.1");
  half.on("error", () => {});
  half.write("POST /api/v1/register HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\n{");
  await teacher.endClass();
  await printed(server, "opening the data again");
  await own.stop("SIGINT");
  half.destroy();
  await printed(server, "The database cannot be opened");
  await own.start();
  assert.notEqual(await nextClass(server.origin, tag), tag);
  await assert.rejects(ada.client.fetchQueue(), { status: 401 });
  const code = await server.stop("SIGTERM");
  assert.equal(code, 0, server.output());
});
