/**
 * Several servers on one database: what one has acknowledged, the others know, and all of them tell the same events in
 * the same order.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  addUser,
  noDatabase,
  openAt,
  openServers,
  readBox,
  send,
  type TestStore,
  theDatabase,
} from "../../../../testing/open-test-database.ts";

const skip = noDatabase;

/** Waits until each of these servers has told as many events. */
async function untilTold(servers: TestStore[], count: number): Promise<void> {
  for (let i = 0; i < 400 && servers.some(({ events }) => events.length < count); i++) await setTimeout(10);
  for (const { events } of servers) assert.equal(events.length, count);
}

/** Waits until a server has told everything up to this event. */
async function untilAt({ messages }: TestStore, eventId: number): Promise<void> {
  for (let i = 0; i < 400 && messages.toldUpTo < eventId; i++) await setTimeout(10);
  assert.equal(messages.toldUpTo, eventId);
}

test("what one server has acknowledged, the other one reads at once", { skip }, async (t) => {
  const [a, b] = (await openServers(t, 2)) as [TestStore, TestStore];
  const ada = await addUser(a, "ada");
  const grace = await addUser(b, "grace");
  for (let i = 0; i < 50; i++) {
    await send(i % 2 === 0 ? a : b, ada, grace, `message ${i}`);
    const seen = await readBox(i % 2 === 0 ? b : a, grace);
    assert.equal(seen.at(-1)?.message, `message ${i}`);
  }
  assert.deepEqual(
    (await readBox(a, grace)).map(({ messageId }) => messageId),
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
});

test("all servers tell every event once and in order, while all of them publish", { skip }, async (t) => {
  const servers = await openServers(t, 3);
  const [a] = servers as [TestStore];
  const ada = await addUser(a, "ada");
  const grace = await addUser(a, "grace");
  const sent = await Promise.all(
    Array.from({ length: 600 }, (_, i) => send(servers[i % 3] as TestStore, ada, grace, `message ${i}`)),
  );
  const ids = sent.map((each) => (typeof each === "object" ? each.messageId : each));
  assert.equal(new Set(ids).size, 600);
  await untilTold(servers, 600);
  const told = servers.map(({ events }) => events.map(({ eventId, json }) => `${eventId} ${json}`));
  assert.deepEqual(told[1], told[0]);
  assert.deepEqual(told[2], told[0]);
  const eventIds = a.events.map(({ eventId }) => eventId);
  assert.deepEqual(
    eventIds,
    eventIds.toSorted((one, other) => one - other),
  );
  const messageIds = a.events.map(({ json }) => JSON.parse(json).messageId);
  assert.deepEqual(
    messageIds,
    messageIds.toSorted((one, other) => one - other),
    "the ids of messages go up with those of the events",
  );
});

test("a server hears of each change on another one by a notification, also when it never looks by itself", {
  skip,
}, async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const servers = (await openServers(t, 2)) as [TestStore, TestStore];
  const ada = await addUser(servers[0], "ada");
  for (let i = 1; i <= 5; i++) {
    await send(servers[i % 2] as TestStore, ada, ada, `message ${i}`);
    await untilTold(servers, i);
  }
});

test("a server reads only the messages of those who listen there, and knows that there were others", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const a = await openAt(t, address);
  const [ada, grace, joan] = [await addUser(a, "ada"), await addUser(a, "grace"), await addUser(a, "joan")];
  let passedOver = 0;
  const b = await openAt(t, address, {
    audience: { users: () => new Set([ada.userId]), passOver: () => passedOver++ },
  });
  // In one transaction, so that only the last one is the newest event.
  await Promise.all([
    send(a, grace, joan, "for nobody there"),
    send(a, grace, ada, "to ada"),
    send(a, ada, joan, "from ada"),
    send(a, joan, grace, "for nobody there"),
  ]);
  await a.messages.dropQueue(joan.userId);
  await Promise.all([send(a, grace, grace, "for nobody there"), send(a, joan, grace, "the newest one")]);
  await a.messages.remove(2);
  await untilAt(b, (await a.messages.last()).eventId);
  const ofAda = b.events.filter(({ fromId, toId }) => fromId === ada.userId || toId === ada.userId);
  assert.deepEqual(
    ofAda.map(({ type, json }) => `${type} ${JSON.parse(json).message}`),
    ["message to ada", "message from ada", "delete undefined"],
  );
  assert.ok(b.events.some(({ type }) => type === "leave"));
  assert.ok(passedOver > 0);
});

test("somebody who begins to listen while the answer is on its way is told what the answer has left out", {
  skip,
}, async (t) => {
  const address = await (await theDatabase()).create();
  const a = await openAt(t, address);
  const [ada, grace] = [await addUser(a, "ada"), await addUser(a, "grace")];
  // Nobody listens when the question is sent, and Ada does when the answer comes.
  let isNew = false;
  const users = () => {
    const listening = isNew ? [] : [ada.userId];
    isNew = false;
    return new Set(listening);
  };
  const b = await openAt(t, address, { audience: { users, passOver: () => {} } });
  for (let i = 1; i <= 5; i++) {
    isNew = true;
    // Both in one transaction, so the message to Ada is not the newest event.
    await Promise.all([send(a, grace, ada, `message ${i}`), send(a, grace, grace, `message ${i}`)]);
    await untilAt(b, (await a.messages.last()).eventId);
    assert.equal(b.events.filter(({ toId }) => toId === ada.userId).length, i);
  }
});

test("the same Idempotency-Key at two servers at once makes one message", { skip }, async (t) => {
  const [a, b] = (await openServers(t, 2)) as [TestStore, TestStore];
  const ada = await addUser(a, "ada");
  const grace = await addUser(a, "grace");
  for (let i = 0; i < 30; i++) {
    const tries = await Promise.all([a, b, a, b].map((server) => send(server, ada, grace, `message ${i}`, `key-${i}`)));
    for (const each of tries) assert.deepEqual(each, tries[0]);
    assert.equal(await send(b, ada, grace, "another text", `key-${i}`), "key used for another message");
  }
  assert.equal((await readBox(b, grace)).length, 30);
});

test("of twenty who want a handle at two servers at once, one gets it", { skip }, async (t) => {
  const [a, b] = (await openServers(t, 2)) as [TestStore, TestStore];
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => addUser(i % 2 === 0 ? a : b, "ada")));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal((await b.users.list(0, Number.POSITIVE_INFINITY)).length, 1);
});

test("nobody's message is in the queue of a user who has left", { skip }, async (t) => {
  const [a, b] = (await openServers(t, 2)) as [TestStore, TestStore];
  const ada = await addUser(a, "ada");
  for (let round = 0; round < 10; round++) {
    const grace = await addUser(a, `grace-${round}`);
    const leaving = b.users.oneAtATime(grace.userId, async () => {
      await b.users.removeTokenFile(grace.userId);
      await b.messages.dropQueue(grace.userId);
      await b.users.removeTraces(grace);
    });
    const sent = Promise.all(
      Array.from({ length: 20 }, (_, i) => send(i % 2 === 0 ? a : b, ada, grace, `message ${i}`)),
    );
    await leaving;
    const results = await sent;
    assert.deepEqual(await readBox(a, grace), []);
    assert.equal(await send(a, ada, grace, "too late"), "recipient gone");
    assert.ok(results.every((each) => typeof each === "object" || each === "recipient gone"));
  }
});

test("changes of one user run one after the other, whichever server makes them", { skip }, async (t) => {
  const servers = await openServers(t, 2);
  const [a, b] = servers as [TestStore, TestStore];
  const { userId } = await addUser(a, "ada");
  let inside = 0;
  await Promise.all(
    Array.from({ length: 10 }, (_, i) => {
      const { users } = servers[i % 2] as TestStore;
      return users.oneAtATime(userId, async () => {
        assert.equal(++inside, 1);
        const user = await users.openTokenFile(userId);
        assert.ok(typeof user === "object");
        await users.change(userId, `${user.userHandle}x`, user.authToken.text);
        inside--;
      });
    }),
  );
  const user = await b.users.openTokenFile(userId);
  assert.equal(typeof user === "object" && user.userHandle, "adaxxxxxxxxxx");
});

test("what a change has done before it refuses still counts, as with files", { skip }, async (t) => {
  const [a] = (await openServers(t, 1)) as [TestStore];
  const { userId } = await addUser(a, "ada");
  const work = a.users.oneAtATime(userId, async () => {
    await a.users.change(userId, "ada", "another-token-1234");
    throw new Error("refused");
  });
  await assert.rejects(work, /refused/);
  const user = await a.users.openTokenFile(userId);
  assert.equal(typeof user === "object" && user.authToken.text, "another-token-1234");
});

test("when a token ends at one server, the other one ends the streams of that user", { skip }, async (t) => {
  const [a, b] = (await openServers(t, 2)) as [TestStore, TestStore];
  const ada = await addUser(a, "ada");
  const grace = await addUser(a, "grace");
  await a.users.oneAtATime(ada.userId, () => a.users.change(ada.userId, "ada", "another-token-1234"));
  await a.users.oneAtATime(grace.userId, () => a.users.change(grace.userId, "hopper", grace.authToken.text));
  await send(a, ada, grace, "after both");
  await untilTold([b], 1);
  assert.deepEqual(b.ended, [ada.userId], "a new handle ends nothing");
});

test("a stream that another server has told more than this one knows goes on here", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const a = await openAt(t, address);
  const ada = await addUser(a, "ada");
  const b = await openAt(t, address);
  for (let round = 0; round < 20; round++) {
    await send(a, ada, ada, `message ${round}`);
    const { eventId } = await a.messages.last();
    const query = { userId: ada.userId, box: "received", missedUpTo: eventId, limit: 10 } as const;
    assert.deepEqual(await b.messages.events({ ...query, after: eventId }), { events: [], upTo: eventId });
    assert.equal(b.messages.toldUpTo, eventId);
    assert.equal(await b.messages.events({ ...query, after: eventId + 1 }), "forgotten");
  }
});
