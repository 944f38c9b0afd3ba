/**
 * What people in a class do with the server over HTTP, from registering to leaving.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { atEnd } from "../testing/at-end.ts";
import { type Person, type RunningApp, startApp } from "../testing/start-app.ts";

const CHAT = "/api/v1/chat";
const REGISTER = "/api/v1/register";

async function queueOf(app: RunningApp, { user }: Person, query = ""): Promise<string[]> {
  const reply = await app.send({ path: CHAT + query, user });
  assert.equal(reply.status, 200, reply.text);
  return reply.json.messages.map(({ message }) => message);
}

test("two people chat: they publish, fetch, edit and remove messages", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const body = { myId: ada.userId, myAuth: ada.authToken, userHandle: "grace", message: 'hi "there"\n\u{1f600}' };
  const published = await app.send({ method: "POST", path: CHAT, body });
  assert.equal(published.status, 200);
  assert.equal(published.json.userId, grace.userId);
  assert.equal(published.json.messageId, 1);
  assert.ok(Math.abs(Date.parse(published.json.sentAt) - Date.now()) < 5000);

  // Exactly as the seed shows it: a GET with a JSON body.
  const fetched = await app.send({ path: CHAT, body: { myId: grace.userId, myAuth: grace.authToken } });
  assert.deepEqual(fetched.json, {
    myId: grace.userId,
    messages: [
      {
        messageId: 1,
        fromId: ada.userId,
        fromHandle: "ada",
        toId: grace.userId,
        toHandle: "grace",
        message: 'hi "there"\n\u{1f600}',
        sentAt: published.json.sentAt,
      },
    ],
  });

  const edited = await app.send({
    method: "PATCH",
    path: CHAT,
    user: ada.user,
    body: { messageId: 1, message: "hello" },
  });
  assert.equal(edited.json.messageId, 1);
  const seen = (await app.send({ path: CHAT, user: grace.user })).json.messages[0];
  assert.deepEqual(seen, { ...fetched.json.messages[0], message: "hello", editedAt: edited.json.editedAt });

  await app.publish(ada, grace, "second");
  const removed = await app.send({ method: "DELETE", path: CHAT, user: grace.user, body: { messageId: 1 } });
  assert.deepEqual(removed.json, { messageId: 1 });
  const takenBack = await app.send({ method: "DELETE", path: CHAT, user: ada.user, body: { messageId: 2 } });
  assert.equal(takenBack.status, 200);
  assert.deepEqual(await queueOf(app, grace), []);
  assert.deepEqual(await queueOf(app, ada, "?box=both"), []);
});

test("fetching does not remove messages, and pages go forwards and backwards", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  for (let i = 1; i <= 60; i++) await app.publish(ada, grace, `m${i}`);
  assert.equal((await queueOf(app, grace)).length, 50);
  assert.equal((await queueOf(app, grace)).length, 50);
  assert.deepEqual(await queueOf(app, grace, "?after=58"), ["m59", "m60"]);
  assert.deepEqual(await queueOf(app, grace, "?before=4&limit=2"), ["m2", "m3"]);
  assert.deepEqual(await queueOf(app, grace, "?after=1&limit=2&userHandle=ada"), ["m2", "m3"]);
  assert.deepEqual(await queueOf(app, ada, "?box=sent&limit=1"), ["m1"]);
  assert.deepEqual(await queueOf(app, grace, "?userHandle=grace"), []);
});

test("QUERY does what GET does, with a body", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  await app.publish(ada, ada, "note to self");
  const body = { myId: ada.userId, myAuth: ada.authToken };
  const reply = await app.send({ method: "QUERY", path: CHAT, body });
  assert.equal(reply.json.messages[0]?.message, "note to self");
  const untyped = await app.send({ method: "QUERY", path: CHAT, user: ada.user });
  assert.equal(untyped.status, 400);
  assert.match(untyped.json.detail, /Content-Type: application\/json/);
});

test("a waiting fetch answers when a message arrives, and not before", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  let answered = false;
  const waiting = queueOf(app, grace, "?wait=30").then((messages) => {
    answered = true;
    return messages;
  });
  // A message for somebody else must not end it.
  await app.publish(ada, ada, "to myself");
  await setTimeout(50);
  assert.equal(answered, false);
  await app.publish(ada, grace, "to grace");
  assert.deepEqual(await waiting, ["to grace"]);
});

test("a fetch that waits for one user ignores messages from others, and adds no listener for each of them", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  const alan = await app.register("alan");
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.message);
  process.on("warning", note);
  atEnd(t, () => process.off("warning", note));
  const waiting = queueOf(app, grace, "?wait=30&userHandle=ada");
  for (let i = 0; i < 20; i++) await app.publish(alan, grace, "not from ada");
  await app.publish(ada, grace, "from ada");
  assert.deepEqual(await waiting, ["from ada"]);
  assert.deepEqual(warnings, []);
});

test("a waiting fetch answers with an empty page when its time is up", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const started = Date.now();
  assert.deepEqual(await queueOf(app, ada, "?wait=1"), []);
  assert.ok(Date.now() - started >= 990);
});

test("a waiting fetch ends with 401 when its user leaves", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const waiting = app.send({ path: `${CHAT}?wait=30`, user: ada.user });
  await setTimeout(50);
  const started = Date.now();
  await app.send({ method: "DELETE", path: REGISTER, user: ada.user });
  const reply = await waiting;
  assert.ok(Date.now() - started < 5000, "at once, and not when its time is up");
  assert.equal(reply.status, 401);
  assert.equal(reply.json.step, "chat.get.7.1");
});

test("a waiting fetch ends with 403 when its token is changed", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const waiting = app.send({ path: `${CHAT}?wait=30`, user: ada.user });
  await setTimeout(50);
  const started = Date.now();
  await app.send({ method: "PATCH", path: REGISTER, user: ada.user, body: { rotateAuth: true } });
  const reply = await waiting;
  assert.equal(reply.status, 403);
  assert.equal(reply.json.step, "chat.get.7.2");
  assert.ok(Date.now() - started < 5000, "at once, and not when its time is up");
});

test("of 100 registrations of one handle at once, one succeeds and 99 get a 409", async (t) => {
  const app = await startApp(t);
  const body = { secret: app.secret, userHandle: "ada" };
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => app.send({ method: "POST", path: REGISTER, body })),
  );
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  assert.equal(replies.filter(({ status, json }) => status === 409 && json.step === "register.post.8.1").length, 99);
  const winner = replies.find(({ status }) => status === 200)?.json;
  const user = `${winner?.userId}:${winner?.authToken}`;
  assert.equal((await app.send({ path: `${REGISTER}?userHandle=ada`, user })).json.userId, winner?.userId);
  assert.equal((await app.send({ path: "/api/v1/users", user })).json.users.length, 1);
});

test("a rename keeps the id and the queue, frees the old handle, and can change the token", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  await app.publish(grace, ada, "before");
  const changed = await app.send({
    method: "PATCH",
    path: REGISTER,
    user: ada.user,
    body: { userHandle: "countess", rotateAuth: true },
  });
  assert.equal(changed.json.userId, ada.userId);
  assert.notEqual(changed.json.authToken, ada.authToken);
  assert.equal((await app.send({ path: CHAT, user: ada.user })).status, 403);
  const countess = { ...ada, userHandle: "countess", user: `${ada.userId}:${changed.json.authToken}` };
  await app.publish(grace, countess, "after");
  assert.deepEqual(await queueOf(app, countess), ["before", "after"]);
  await app.register("ada");
});

test("when a user leaves, their token, queue and handle are gone at once; the messages they sent stay (R13)", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const grace = await app.register("grace");
  await app.publish(ada, grace, "from ada");
  await app.publish(grace, ada, "to ada");
  assert.deepEqual((await app.send({ method: "DELETE", path: REGISTER, user: ada.user })).json, { userId: ada.userId });
  assert.equal((await app.send({ path: CHAT, user: ada.user })).status, 401);
  assert.deepEqual(await queueOf(app, grace), ["from ada"]);
  assert.deepEqual(await queueOf(app, grace, "?box=sent"), []);
  assert.equal((await app.send({ path: `${REGISTER}?userHandle=ada`, user: grace.user })).status, 404);
  const newAda = await app.register("ada");
  assert.ok(newAda.userId > grace.userId);
  assert.deepEqual(await queueOf(app, newAda), []);
});

test("a retry with the same Idempotency-Key publishes no second message, and gets 422 if its body differs", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  const request = {
    method: "POST",
    path: CHAT,
    user: ada.user,
    headers: { "idempotency-key": "lesson-1" },
    body: { userHandle: "ada", message: "once" },
  };
  const [first, second] = await Promise.all([app.send(request), app.send(request)]);
  assert.deepEqual(first.json, second.json);
  const other = await app.send({ ...request, body: { userHandle: "ada", message: "another" } });
  assert.equal(other.status, 422);
  assert.equal(other.json.step, "chat.post.7.1");
  assert.deepEqual(await queueOf(app, ada), ["once"]);
});

test("changing a message while it is being removed gets a 200 or a 404, never a 500", async (t) => {
  const app = await startApp(t);
  const ada = await app.register("ada");
  for (let i = 0; i < 30; i++) {
    const messageId = await app.publish(ada, ada, "text");
    const change = (method: string, body: object) => app.send({ method, path: CHAT, user: ada.user, body });
    const replies = await Promise.all([
      change("DELETE", { messageId }),
      change("PATCH", { messageId, message: "new" }),
      change("DELETE", { messageId }),
    ]);
    assert.equal(replies.filter(({ status }) => status === 200).length >= 1, true);
    for (const { status, text } of replies) assert.ok(status === 200 || status === 404, text);
  }
  assert.deepEqual(await queueOf(app, ada), []);
});

test("after rotation and compaction of 10,000 messages, each one left is there once and in order", async (t) => {
  const app = await startApp(t, { maxFileBytes: 128 * 1024 });
  const people = await Promise.all(Array.from({ length: 16 }, (_, i) => app.register(`person-${i}`)));
  const first = people[0] ?? assert.fail();
  const expected = new Map<number, string>();
  await Promise.all(
    people.map(async (person, p) => {
      for (let i = 0; i < 625; i++) {
        const messageId = await app.publish(person, first, `${p}/${i}`);
        expected.set(messageId, `${p}/${i}`);
        if (i % 5 !== 0) continue;
        await app.send({ method: "DELETE", path: CHAT, user: person.user, body: { messageId } });
        expected.delete(messageId);
      }
    }),
  );
  await app.store.compaction.run("everything");
  const { journalFiles, messages } = app.store.figures();
  assert.ok(journalFiles > 5, `${journalFiles} files`);
  assert.equal(messages, 8000);
  const seen: [number, string][] = [];
  for (let after = 0; ; ) {
    const page = (await app.send({ path: `${CHAT}?limit=200&after=${after}`, user: first.user })).json.messages;
    if (page.length === 0) break;
    for (const { messageId, message } of page) seen.push([messageId, message]);
    after = page.at(-1)?.messageId ?? 0;
  }
  assert.deepEqual(
    seen,
    [...expected].sort(([a], [b]) => a - b),
  );
});
