import assert from "node:assert/strict";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { addUser, openTestStore, publish, readBox } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";

test("Pages reads lines that go over two or more blocks", async (t) => {
  const store = await openTestStore(t, await temporaryFolder(t));
  const ada = await addUser(store, "ada");
  const messages = Array.from({ length: 60 }, (_, i) => `${i} ${"\u{1f600}".repeat((i * 997) % 4000)}`);
  for (const message of messages) await publish(store, ada, ada, message);
  for (const round of ["from the disk", "from memory"]) {
    const seen = await readBox(store, ada);
    assert.deepEqual(
      seen.map(({ message }) => message),
      messages,
      round,
    );
  }
});

test("Pages sees what was appended after a block was read", async (t) => {
  const store = await openTestStore(t, await temporaryFolder(t));
  const ada = await addUser(store, "ada");
  for (let i = 1; i <= 20; i++) {
    await publish(store, ada, ada, `message ${i}`);
    assert.equal((await readBox(store, ada)).at(-1)?.message, `message ${i}`);
  }
});

test("a page with lines that were changed on the disk shows them as they were", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  // Far enough apart to be read separately: the failure of one must not be lost while the other is read.
  for (let i = 1; i <= 80; i++) await publish(store, ada, i % 2 === 0 ? ada : grace, `${i} ${"x".repeat(4000)}`);
  const file = join(root, "messages", "000001.jsonl");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"message":"1 x', '"message":"1 y').replace('"message":"79 x', '"message":"79 y'));
  assert.equal((await readBox(store, ada)).length, 40);
  const texts = (await readBox(store, grace)).map(({ message }) => message);
  assert.deepEqual([texts.length, texts[0]?.slice(0, 3), texts.at(-1)?.slice(0, 4)], [40, "1 x", "79 x"]);
  assert.match(store.handEdits.notes.join(), /2 lines were changed/);
});

test("Pages waits for every line, even if one that is already in memory is damaged", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  for (let i = 1; i <= 90; i++) await publish(store, ada, ada, `${i} ${"x".repeat(4000)}`);
  const file = join(root, "messages", "000001.jsonl");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"message":"2 x', '"message":"2 y').replace('"message":"88 x', '"message":"88 y'));
  const query = { userId: ada.userId, box: "received", otherId: undefined, before: undefined, limit: 90 } as const;
  // Brings the last block into memory. Then a line in the last block turns out to be damaged while the first block is
  // still being read. The first must not become a rejection that nobody waits for: that would end the process.
  await store.messages.page({ ...query, after: 89 });
  assert.equal((await store.messages.page({ ...query, after: 0 })).count, 90);
});

test("a page goes on when the end of a file is missing", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  for (let i = 1; i <= 10; i++) await publish(store, ada, ada, `message ${i}`);
  await publish(store, ada, grace, "the last");
  const file = join(root, "messages", "000001.jsonl");
  const { size } = await stat(file);
  await truncate(file, size - 5);
  assert.equal((await readBox(store, ada)).length, 10);
  assert.deepEqual(
    (await readBox(store, grace)).map(({ message }) => message),
    ["the last"],
  );
});

test("Pages reads a few blocks at a time, however many pages are wanted at once", async (t) => {
  const root = await temporaryFolder(t);
  const first = await openTestStore(t, root);
  const ada = await addUser(first, "ada");
  const text = "\u{1f600}".repeat(4096);
  await Promise.all(Array.from({ length: 200 }, () => publish(first, ada, ada, text)));
  await first.close();
  const store = await openTestStore(t, root);
  const query = { userId: ada.userId, box: "received", otherId: undefined, after: 0, before: undefined } as const;
  const before = process.memoryUsage().arrayBuffers;
  const pages = Array.from({ length: 100 }, () => store.messages.page({ ...query, limit: 200 }));
  const most = process.memoryUsage().arrayBuffers - before;
  assert.ok(most < 16 * 1024 * 1024, `${most} bytes`);
  for (const { count } of await Promise.all(pages)) assert.equal(count, 200);
});
