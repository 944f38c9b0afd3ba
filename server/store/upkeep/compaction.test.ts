import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { addUser, openTestStore, publish, readBox, type TestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";

/** Small files, so that a few hundred messages fill several of them. */
const MAX_FILE_BYTES = 8 * 1024;
/** A store that remembers no events for streams: it may remove every line of what is gone. */
const FORGETFUL = { maxFileBytes: MAX_FILE_BYTES, recentEvents: 0 };

async function journalText(root: string): Promise<string> {
  const folder = join(root, "messages");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("");
}

async function threeHundred(t: Parameters<typeof temporaryFolder>[0]) {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, FORGETFUL);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  for (let i = 1; i <= 300; i++) await publish(store, ada, grace, `message ${i}.`);
  return { root, store, ada, grace };
}

async function reopened(t: Parameters<typeof temporaryFolder>[0], root: string, store: TestStore): Promise<TestStore> {
  await store.close();
  return openTestStore(t, root, FORGETFUL);
}

test("compaction removes deleted and edited texts from the files, and changes nothing else", async (t) => {
  const { root, store, grace } = await threeHundred(t);
  assert.ok(store.figures().journalFiles > 3);
  for (let i = 1; i <= 300; i += 3) {
    await store.messages.remove(i);
    await store.messages.edit(i + 1, `edited ${i + 1}.`);
  }
  const before = await readBox(store, grace);
  const bytesBefore = store.figures().journalBytes;
  await store.compaction.run("everything");
  assert.deepEqual(await readBox(store, grace), before);
  assert.ok(store.figures().journalBytes < bytesBefore);

  const text = await journalText(root);
  for (let i = 1; i <= 300; i += 3) {
    assert.ok(!text.includes(`message ${i}.`), `deleted message ${i}`);
    assert.ok(!text.includes(`message ${i + 1}.`), `old text of message ${i + 1}`);
  }
  const again = await reopened(t, root, store);
  assert.deepEqual(await readBox(again, grace), before);
  assert.deepEqual(again.reports, []);
});

test("no deleted message comes back when compaction has done only some of the files", async (t) => {
  const { root, store, grace } = await threeHundred(t);
  for (let i = 1; i <= 300; i += 2) await store.messages.edit(i, `edited ${i}.`);
  for (let i = 1; i <= 300; i += 2) await store.messages.remove(i);
  const before = await readBox(store, grace);
  await store.compaction.run("what is worth it");
  assert.deepEqual(await readBox(store, grace), before);
  const again = await reopened(t, root, store);
  assert.deepEqual(await readBox(again, grace), before);
});

test("compaction runs during publishing, editing, deleting and reading", async (t) => {
  const { root, store, ada, grace } = await threeHundred(t);
  const expected = new Map((await readBox(store, grace)).map(({ messageId, message }) => [messageId, message]));
  let busy = true;
  const compacting = (async () => {
    while (busy) {
      await store.compaction.run("everything");
      await setImmediate();
    }
  })();
  for (let i = 1; i <= 300; i++) {
    if (i % 3 === 0) {
      await store.messages.remove(i);
      expected.delete(i);
    } else {
      await store.messages.edit(i, `edited ${i}.`);
      expected.set(i, `edited ${i}.`);
    }
    expected.set(await publish(store, ada, grace, `new ${i}.`), `new ${i}.`);
    if (i % 50 === 0) assert.equal((await readBox(store, grace)).length, expected.size);
  }
  busy = false;
  await compacting;
  const seen = (box: { messageId: number; message: string }[]) => box.map((each) => [each.messageId, each.message]);
  const wanted = [...expected].sort(([a], [b]) => a - b);
  assert.deepEqual(seen(await readBox(store, grace)), wanted);
  const again = await reopened(t, root, store);
  assert.deepEqual(seen(await readBox(again, grace)), wanted);
});

test("compaction never lets an id be reused, even when nothing is left", async (t) => {
  const { root, store, ada } = await threeHundred(t);
  for (let i = 1; i <= 300; i++) await store.messages.remove(i);
  await store.compaction.run("everything");
  assert.equal(store.figures().journalFiles, 1);
  const again = await reopened(t, root, store);
  assert.equal(await publish(again, ada, ada, "next"), 301);
  await again.users.removeTokenFile(ada.userId);
  await again.messages.dropQueue(ada.userId);
  await again.compaction.run("everything");
  const third = await reopened(t, root, again);
  const alan = await addUser(third, "alan");
  assert.equal(alan.userId, 3);
  assert.equal(await publish(third, alan, alan, "next"), 302);
});

test("compaction removes the queue of a user who left, and keeps what the user sent", async (t) => {
  const { root, store, ada, grace } = await threeHundred(t);
  await publish(store, grace, ada, "from grace.");
  await store.users.removeTokenFile(grace.userId);
  await store.messages.dropQueue(grace.userId);
  await store.compaction.run("everything");
  assert.ok(!(await journalText(root)).includes("message 7."));
  assert.deepEqual(
    (await readBox(store, ada)).map(({ message }) => message),
    ["from grace."],
  );
});

test("compaction keeps the line of a deletion that is made while it runs", async (t) => {
  const { root, store: first, ada } = await threeHundred(t);
  let store = first;
  for (let turns = 0; turns < 6; turns++) {
    // The newest file has garbage, and the older ones have none.
    await store.compaction.run("everything");
    await store.messages.remove(await publish(store, ada, ada, "short-lived"));
    const removing = store.messages.remove(turns + 1);
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    await Promise.all([removing, store.compaction.run("everything")]);
    await store.close();
    store = await openTestStore(t, root, FORGETFUL);
    assert.equal(store.messages.find(turns + 1), undefined, `message ${turns + 1} has risen`);
  }
});

test("compaction never lets an id be reused, even when the file with that id is gone", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, FORGETFUL);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  for (let i = 1; i <= 10; i++) await store.messages.remove(await publish(store, ada, grace, `message ${i}.`));
  await store.compaction.run("everything");
  const again = await reopened(t, root, store);
  await again.users.removeTokenFile(grace.userId);
  await again.messages.dropQueue(grace.userId);
  // Fills the file with lines that are not messages, so that the next file begins and this one is removed.
  for (let i = 0; i < 200; i++) await again.users.nextId();
  await again.compaction.run("everything");
  assert.ok(!(await readdir(join(root, "messages"))).includes("000001.jsonl"));
  const third = await reopened(t, root, again);
  assert.equal(await publish(third, ada, ada, "next"), 11);
  assert.equal(await third.users.nextId(), 203);
});

test("compaction leaves one line of an edited message, in the file where it was sent", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, FORGETFUL);
  const ada = await addUser(store, "ada");
  const messageId = await publish(store, ada, ada, "as it was");
  await store.messages.edit(messageId, "as it is");
  await store.compaction.run("everything");
  const lines = (await journalText(root)).split("\n").filter((line) => line.includes('"messageId"'));
  assert.equal(lines.length, 1);
  assert.match(lines.join(), /as it is/);
});

test("the first line of a file still has the greatest user id when the older file is rewritten", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, FORGETFUL);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  await store.messages.remove(await publish(store, ada, ada, "gone"));
  await store.users.removeTokenFile(grace.userId);
  await store.messages.dropQueue(grace.userId);
  await store.users.removeTraces(grace);
  for (let i = 1; i <= 100; i++) await publish(store, ada, ada, `message ${i}.`);
  await store.compaction.run("everything");
  assert.ok(!(await journalText(root)).includes('"op":"user"'));
  const again = await reopened(t, root, store);
  assert.equal(await again.users.nextId(), grace.userId + 1);
});
