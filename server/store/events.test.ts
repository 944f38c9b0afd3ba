import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addUser, openTestStore, publish, readBox, type TestStore } from "../../testing/open-test-store.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import type { Box, ChatEvent, User } from "./contract.ts";

/** All events after one, page by page. */
async function eventsAfter(store: TestStore, user: User, after: number, box: Box = "received"): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  let from = after;
  for (;;) {
    const page = await store.messages.events({ userId: user.userId, box, after: from, missedUpTo: from, limit: 3 });
    assert.ok(page !== "forgotten");
    events.push(...page.events);
    if (page.upTo === store.messages.last().eventId) return events;
    from = page.upTo;
  }
}

/** What a client knows if it knew `before` and was then told these events. */
function told(before: ReadonlyMap<number, string>, events: ChatEvent[]): Map<number, string> {
  const state = new Map(before);
  for (const { type, json } of events) {
    const { messageId, message } = JSON.parse(json);
    if (type === "edit") assert.ok(state.has(messageId), "an edit is never told before its message");
    if (type === "delete") state.delete(messageId);
    else if (type === "message" || type === "edit") state.set(messageId, message);
  }
  return state;
}

async function stateOf(store: TestStore, user: User): Promise<Map<number, string>> {
  return new Map((await readBox(store, user)).map(({ messageId, message }) => [messageId, message]));
}

test("events() gives a client that was away everything it needs, even after compaction and a restart", async (t) => {
  const action = fc.record({
    does: fc.constantFrom("post", "post", "post", "edit", "edit", "delete", "compact", "reopen", "remember"),
    pick: fc.nat(),
    text: fc.stringMatching(/^[a-z]{1,40}$/),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
      const root = await temporaryFolder(t);
      const options = { maxFileBytes: 600 };
      let store = await openTestStore(t, root, options);
      const ada = await addUser(store, "ada");
      const grace = await addUser(store, "grace");
      const moments = [{ eventId: 0, state: new Map<number, string>() }];
      for (const { does, pick, text } of actions) {
        const ids = [...(await stateOf(store, grace)).keys()];
        const messageId = ids[pick % Math.max(1, ids.length)] ?? 0;
        if (does === "post") await publish(store, ada, grace, text);
        else if (does === "edit") await store.messages.edit(messageId, text);
        else if (does === "delete") await store.messages.remove(messageId);
        else if (does === "compact") await store.compaction.run("everything");
        else if (does === "reopen") {
          await store.close();
          store = await openTestStore(t, root, options);
        } else moments.push({ eventId: store.messages.last().eventId, state: await stateOf(store, grace) });
      }
      const now = await stateOf(store, grace);
      for (const { eventId, state } of moments) {
        const events = await eventsAfter(store, grace, eventId);
        assert.deepEqual(told(state, events), now);
        const ids = events.map((event) => event.eventId);
        assert.deepEqual(
          ids,
          [...new Set(ids)].sort((a, b) => a - b),
          "ascending, each once",
        );
      }
      await store.close();
    }),
    { numRuns: 40 },
  );
});

test("events() remembers as many events as it should, even after a restart, and says what it has forgotten", async (t) => {
  const root = await temporaryFolder(t);
  const options = { recentEvents: 10, maxFileBytes: 2000 };
  let store = await openTestStore(t, root, options);
  const ada = await addUser(store, "ada");
  for (let i = 0; i < 30; i++) await publish(store, ada, ada, `message ${i}`);
  for (let round = 0; round < 2; round++) {
    const { eventId } = store.messages.last();
    const query = { userId: ada.userId, box: "received", missedUpTo: 0, limit: 100 } as const;
    assert.equal(await store.messages.events({ ...query, after: 0 }), "forgotten");
    assert.equal(await store.messages.events({ ...query, after: eventId + 1 }), "forgotten");
    const known = await store.messages.events({ ...query, after: eventId - 5 });
    assert.ok(known !== "forgotten");
    const texts = known.events.map(({ json }) => JSON.parse(json).message);
    // The first line of a file has an event number, too.
    assert.ok(texts.length >= 4);
    assert.deepEqual(
      texts,
      Array.from(texts, (_, i) => `message ${30 - texts.length + i}`),
    );
    await store.close();
    store = await openTestStore(t, root, options);
  }
});

test("events() tells everybody who may have written to a user that the user has left, even after a restart", async (t) => {
  const root = await temporaryFolder(t);
  let store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  await publish(store, ada, grace, "hello");
  await store.users.removeTokenFile(grace.userId);
  await store.messages.dropQueue(grace.userId);
  await store.users.removeTraces(grace);
  for (let round = 0; round < 2; round++) {
    const seen = (await eventsAfter(store, ada, 0, "both")).map(({ type, json }) => `${type} ${json}`);
    assert.deepEqual(seen, [`leave {"userId":${grace.userId}}`]);
    assert.deepEqual(await eventsAfter(store, ada, 0, "received"), []);
    await store.compaction.run("everything");
    await store.close();
    store = await openTestStore(t, root);
  }
});

test("events are the same when they happen and when they are read later", async (t) => {
  const store = await openTestStore(t, await temporaryFolder(t));
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  const first = await publish(store, ada, grace, "first", "key-1");
  await publish(store, grace, ada, "second");
  await store.messages.edit(first, "first, edited");
  await store.messages.remove(2);
  const shown = ({ eventId, type, fromId, toId, json }: ChatEvent) => ({ eventId, type, fromId, toId, json });
  const later = (await eventsAfter(store, ada, 0, "both")).map(shown);
  const live = store.events.map(shown);
  assert.deepEqual(later.slice(1), live.slice(2), "the edit and the removal; a message that is gone is not told again");
  assert.deepEqual(Object.keys(JSON.parse(live[0]?.json ?? "")), [
    "messageId",
    "fromId",
    "fromHandle",
    "toId",
    "toHandle",
    "message",
    "sentAt",
  ]);
});

test("the number of the last event is not reused when compaction has removed its line", async (t) => {
  const root = await temporaryFolder(t);
  let store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  await store.messages.remove(await publish(store, ada, ada, "what makes the file worth compacting"));
  // Once a user is there, the line with the id of that user is garbage: compaction drops it.
  await addUser(store, "grace");
  const { eventId } = store.messages.last();
  await store.compaction.run("everything");
  await store.close();
  store = await openTestStore(t, root);
  assert.equal(store.messages.last().eventId, eventId);
  await publish(store, ada, ada, "another");
  assert.ok(store.messages.last().eventId > eventId);
});
