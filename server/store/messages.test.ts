import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import {
  addUser,
  openTestStore,
  publish,
  readBox,
  type SeenMessage,
  type TestStore,
} from "../../testing/open-test-store.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import type { PageQuery, User } from "./contract.ts";

async function withUsers(t: TestContext): Promise<{ root: string; store: TestStore; ada: User; grace: User }> {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  return { root, store, ada: await addUser(store, "ada"), grace: await addUser(store, "grace") };
}

async function idsOf(store: TestStore, user: User, query: Partial<PageQuery>): Promise<number[]> {
  const defaults = { box: "received", otherId: undefined, after: undefined, before: undefined, limit: 50 } as const;
  const page = await store.messages.page({ userId: user.userId, ...defaults, ...query });
  return JSON.parse(String(page.json)).map(({ messageId }: SeenMessage) => messageId);
}

test("many publish() calls at once need far fewer syncs than one each", async (t) => {
  const { store, ada, grace } = await withUsers(t);
  const before = store.figures();
  await Promise.all(Array.from({ length: 640 }, (_, i) => publish(store, ada, grace, `message ${i}`)));
  const { events, syncs } = store.figures();
  assert.equal(events - before.events, 640);
  assert.ok((syncs - before.syncs) / 640 <= 0.1, `${syncs - before.syncs} syncs`);
  assert.equal((await readBox(store, grace)).length, 640);
});

test("page() reads from the beginning, after an id, and before an id", async (t) => {
  const { store, ada, grace } = await withUsers(t);
  for (let i = 1; i <= 10; i++) await publish(store, ada, grace, `message ${i}`);
  assert.deepEqual(await idsOf(store, grace, { limit: 3 }), [1, 2, 3]);
  assert.deepEqual(await idsOf(store, grace, { after: 4, limit: 3 }), [5, 6, 7]);
  assert.deepEqual(await idsOf(store, grace, { before: 9, limit: 3 }), [6, 7, 8]);
  assert.deepEqual(await idsOf(store, grace, { after: 2, before: 5 }), [3, 4]);
  assert.deepEqual(await idsOf(store, grace, { after: 10 }), []);
  assert.deepEqual(await idsOf(store, ada, {}), []);
});

test("page() shows received, sent, or both, and a message to yourself only once", async (t) => {
  const { store, ada, grace } = await withUsers(t);
  await publish(store, ada, grace, "one");
  await publish(store, grace, ada, "two");
  await publish(store, ada, ada, "three");
  assert.deepEqual(await idsOf(store, ada, { box: "received" }), [2, 3]);
  assert.deepEqual(await idsOf(store, ada, { box: "sent" }), [1, 3]);
  assert.deepEqual(await idsOf(store, ada, { box: "both" }), [1, 2, 3]);
  assert.deepEqual(await idsOf(store, ada, { box: "both", otherId: grace.userId }), [1, 2]);
});

test("a retry with the same key gets the first answer, even after a restart and an edit", async (t) => {
  const { root, store, ada, grace } = await withUsers(t);
  const draft = { from: ada, toId: grace.userId, toHandle: "grace", message: "hi", idempotencyKey: "try-1" };
  const answers = await Promise.all([1, 2, 3].map(() => store.messages.publish(draft)));
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  await store.messages.edit(1, "hi!");
  await store.close();
  const again = await openTestStore(t, root);
  assert.deepEqual(await again.messages.publish(draft), answers[0]);
  assert.equal(await again.messages.publish({ ...draft, message: "other" }), "key used for another message");
  assert.equal(await again.messages.publish({ ...draft, toId: ada.userId }), "key used for another message");
  assert.equal((await readBox(again, grace)).length, 1);
});

test("publish() from or to somebody who has just left is refused", async (t) => {
  const { store, ada, grace } = await withUsers(t);
  await store.users.removeTokenFile(grace.userId);
  const draft = { from: ada, toId: grace.userId, toHandle: "grace", message: "hi", idempotencyKey: undefined };
  assert.equal(await store.messages.publish(draft), "recipient gone");
  await store.users.removeTokenFile(ada.userId);
  assert.equal(await store.messages.publish({ ...draft, toId: ada.userId }), "sender gone");
});

test("a message that is edited and removed at once stays removed", async (t) => {
  const { root, store, ada, grace } = await withUsers(t);
  for (let i = 1; i <= 20; i++) {
    const messageId = await publish(store, ada, grace, "text");
    await Promise.all([
      store.messages.edit(messageId, "first"),
      store.messages.remove(messageId),
      store.messages.edit(messageId, "second"),
    ]);
  }
  await store.close();
  const again = await openTestStore(t, root);
  assert.deepEqual(await readBox(again, grace), []);
});

type Step =
  | { do: "publish"; from: number; to: number; text: string }
  | { do: "edit" | "remove"; pick: number; text: string }
  | { do: "leave"; user: number }
  | { do: "compact" | "restart" };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("publish"),
      from: fc.nat(2),
      to: fc.nat(2),
      text: fc.string({ minLength: 1 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("edit", "remove"), pick: fc.nat(), text: fc.string() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave"), user: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("compact", "restart") }) },
);

test("after any actions in any order, the queues hold the same messages as a simple model", async (t) => {
  const folder = await temporaryFolder(t);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
      runs++;
      await compareWithModel(t, `${folder}/${runs}`, steps);
    }),
    { numRuns: 60 },
  );
});

async function compareWithModel(t: TestContext, root: string, steps: Step[]): Promise<void> {
  let store = await openTestStore(t, root, { maxFileBytes: 600 });
  const users = [await addUser(store, "user-0"), await addUser(store, "user-1"), await addUser(store, "user-2")];
  const here = new Set(users);
  const model = new Map<number, { from: User; to: User; text: string }>();
  for (const step of steps) {
    const ids = [...model.keys()];
    const picked = "pick" in step ? ids[step.pick % Math.max(1, ids.length)] : undefined;
    if (step.do === "publish") {
      const [from, to] = [users[step.from], users[step.to]];
      if (from === undefined || to === undefined || !here.has(from) || !here.has(to)) continue;
      const messageId = await publish(store, from, to, step.text);
      assert.ok(messageId > Math.max(0, ...ids));
      model.set(messageId, { from, to, text: step.text });
    } else if (step.do === "edit" && picked !== undefined) {
      await store.messages.edit(picked, step.text);
      model.set(picked, { ...(model.get(picked) ?? assert.fail()), text: step.text });
    } else if (step.do === "remove" && picked !== undefined) {
      assert.equal(await store.messages.remove(picked), true);
      model.delete(picked);
    } else if (step.do === "leave") {
      const user = users[step.user];
      if (user === undefined || !here.delete(user)) continue;
      await store.users.removeTokenFile(user.userId);
      await store.messages.dropQueue(user.userId);
      await store.users.removeTraces(user);
      for (const [messageId, { to }] of model) if (to === user) model.delete(messageId);
    } else if (step.do === "compact") {
      await store.compaction.run("everything");
    } else if (step.do === "restart") {
      await store.close();
      store = await openTestStore(t, root, { maxFileBytes: 600 });
    }
  }
  for (const user of users) {
    const seen = (await readBox(store, user)).map(({ messageId, message }) => [messageId, message]);
    const wanted = [...model].filter(([, { to }]) => to === user).map(([messageId, { text }]) => [messageId, text]);
    assert.deepEqual(
      seen,
      wanted.sort(([a], [b]) => Number(a) - Number(b)),
    );
  }
  await store.close();
}
