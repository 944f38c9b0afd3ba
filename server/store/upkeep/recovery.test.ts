import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { addUser, openTestStore, publish, readBox } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Paths } from "../files/paths.ts";
import { MessageIndex } from "../index/message-index.ts";
import { JournalFiles } from "../journal/journal-files.ts";
import { encodeRecord, type JournalRecord } from "../journal/record.ts";
import { recover } from "./recovery.ts";

/** A folder with a closed store: two users, and ten messages from ada to grace with the ids 1 to 10. */
async function tenMessages(t: Parameters<typeof temporaryFolder>[0]) {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  for (let i = 1; i <= 10; i++) await publish(store, ada, grace, `message ${i}`);
  await store.close();
  return { root, ada, grace, file: join(root, "messages", "000001.jsonl") };
}

const idsIn = (box: { messageId: number }[]) => box.map(({ messageId }) => messageId);

test("recover() cuts off an unfinished write, and new messages follow there", async (t) => {
  const { root, ada, grace, file } = await tenMessages(t);
  const [line = ""] = (await readFile(file, "utf8")).split("\n").slice(-2);
  await appendFile(file, line.replace('"messageId":10', '"messageId":11').slice(0, -5));
  const store = await openTestStore(t, root);
  assert.deepEqual(idsIn(await readBox(store, grace)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(store.filesAside, 0);
  assert.equal(await publish(store, ada, grace, "again"), 11);
  await store.close();
  const again = await openTestStore(t, root);
  assert.equal((await readBox(again, grace)).at(-1)?.message, "again");
  assert.deepEqual(again.reports, []);
});

test("recover() sets a damaged file aside as it was, and serves its readable lines", async (t) => {
  const { root, ada, grace, file } = await tenMessages(t);
  const damaged = (await readFile(file, "utf8")).replace('"message 4"', '"massage 4"');
  await writeFile(file, damaged);
  const store = await openTestStore(t, root);
  assert.deepEqual(idsIn(await readBox(store, grace)), [1, 2, 3, 5, 6, 7, 8, 9, 10]);
  assert.equal(store.filesAside, 1);
  assert.match(store.reports.join(), /error: A journal file is damaged/);
  assert.equal(await readFile(join(root, "messages", "aside", "000001-1.jsonl"), "utf8"), damaged);
  assert.equal(await publish(store, ada, grace, "goes on"), 11);
  await store.close();
  const again = await openTestStore(t, root);
  assert.deepEqual(idsIn(await readBox(again, grace)), [1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
  assert.equal(again.filesAside, 1);
  assert.deepEqual(again.reports, []);
});

test("recover() keeps a copy when the unreadable end is a whole line", async (t) => {
  const { root, grace, file } = await tenMessages(t);
  const damaged = (await readFile(file, "utf8")).replace('"message 10"', '"massage 10"');
  await writeFile(file, damaged);
  const store = await openTestStore(t, root);
  assert.equal((await readBox(store, grace)).length, 9);
  assert.equal(store.filesAside, 1);
  assert.match(store.reports.join(), /error: The end of the journal was unreadable/);
  assert.equal(await readFile(join(root, "messages", "aside", "000001-1.jsonl"), "utf8"), damaged);
});

test("recover() begins a new file when the newest one has lost its first line", async (t) => {
  const { root, ada, grace, file } = await tenMessages(t);
  const text = await readFile(file, "utf8");
  await writeFile(file, `#${text}`);
  const store = await openTestStore(t, root);
  assert.deepEqual(idsIn(await readBox(store, grace)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(await publish(store, ada, grace, "in the new file"), 11);
  assert.ok((await readdir(join(root, "messages"))).includes("000002.jsonl"));
});

test("recover() brings back a message whose first line is lost, from its edit", async (t) => {
  const { root, grace, file } = await tenMessages(t);
  const store = await openTestStore(t, root);
  await store.messages.edit(3, "edited");
  await store.close();
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"message 3"', '"massage 3"'));
  const again = await openTestStore(t, root);
  const box = await readBox(again, grace);
  assert.deepEqual(idsIn(box), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(box[2]?.message, "edited");
  await again.compaction.run("everything");
  assert.deepEqual(await readBox(again, grace), box);
});

/** Any events that the store could have written, one after another. */
function anyEvents(): fc.Arbitrary<JournalRecord[]> {
  const kind = fc.record({
    op: fc.constantFrom("post", "post", "post", "edit", "delete", "leave"),
    pick: fc.nat(),
    text: fc.string({ maxLength: 20 }),
    toId: fc.integer({ min: 1, max: 3 }),
  });
  return fc.array(kind, { maxLength: 30 }).map((kinds) => {
    const records: JournalRecord[] = [{ op: "start", seq: 1, lastMessageId: 0, lastUserId: 0 }];
    const alive = new Map<number, number>();
    for (const { op, pick, text, toId } of kinds) {
      const seq = records.length + 1;
      const ids = [...alive.keys()];
      const messageId = op === "post" ? seq : (ids[pick % Math.max(1, ids.length)] ?? 0);
      if (op === "leave") {
        records.push({ op, seq, userId: toId });
        for (const [id, to] of alive) if (to === toId) alive.delete(id);
      } else if (op === "delete" && alive.has(messageId)) {
        records.push({ op, seq, messageId, fromId: 9, toId: alive.get(messageId) ?? 0 });
        alive.delete(messageId);
      } else if (op === "post" || (op === "edit" && alive.has(messageId))) {
        const to = alive.get(messageId) ?? toId;
        alive.set(messageId, to);
        const names = { fromId: 9, fromHandle: "ada", toId: to, toHandle: "to" };
        const postSeq = op === "edit" ? { postSeq: messageId } : {};
        records.push({ op, seq, ...postSeq, messageId, ...names, message: text, sentAt: "2030-01-01T00:00:00.000Z" });
      }
    }
    return records;
  });
}

/** What is in the queues of users 1 to 3 after these events, computed in the simplest way. */
function stateAfter(records: JournalRecord[]): Map<number, string> {
  const state = new Map<number, string>();
  const queues = new Map<number, number>();
  for (const record of records) {
    if (record.op === "post" || record.op === "edit") {
      state.set(record.messageId, record.message);
      queues.set(record.messageId, record.toId);
    } else if (record.op === "delete") {
      state.delete(record.messageId);
    } else if (record.op === "leave") {
      for (const [messageId, toId] of queues) if (toId === record.userId) state.delete(messageId);
    }
  }
  return state;
}

async function replay(paths: Paths): Promise<Map<number, string>> {
  const files = new JournalFiles();
  const index = new MessageIndex(() => {}, 1000);
  await recover({ files, index, paths }, () => {});
  const state = new Map<number, string>();
  for (const userId of [1, 2, 3]) {
    const everything = {
      userId,
      box: "received",
      otherId: undefined,
      after: 0,
      before: undefined,
      limit: 1000,
    } as const;
    for (const { messageId, file, offset, length } of index.messages.page(everything)) {
      const line = await files.get(file)?.read(offset, length);
      state.set(messageId, JSON.parse(String(line)).message);
    }
  }
  await files.retireAll();
  return state;
}

test("whatever part of the file's end is missing, recover() gives the state after some of the events, in order", async (t) => {
  const root = await temporaryFolder(t);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(anyEvents(), fc.double({ min: 0, max: 1, noNaN: true }), async (records, part) => {
      runs++;
      const paths = new Paths(join(root, String(runs)));
      await mkdir(paths.messages, { recursive: true });
      const lines = records.map((record) => Buffer.from(encodeRecord(record)));
      const bytes = Buffer.concat(lines);
      const prefix = bytes.subarray(0, Math.round(bytes.length * part));
      await writeFile(paths.journalFile(1), prefix);
      let whole = 0;
      let length = 0;
      while (whole < lines.length && length + (lines[whole]?.length ?? 0) <= prefix.length) {
        length += lines[whole]?.length ?? 0;
        whole++;
      }
      const state = await replay(paths);
      assert.deepEqual(
        [...state].sort(([a], [b]) => a - b),
        [...stateAfter(records.slice(0, whole))].sort(([a], [b]) => a - b),
      );
    }),
    { numRuns: 150 },
  );
});

test("if recover() stops in the middle of a repair, the next start still sees the damage", async (t) => {
  for (const spoilt of ['"message 4"', '"message 10"']) {
    const { root, ada, grace, file } = await tenMessages(t);
    await writeFile(file, (await readFile(file, "utf8")).replace(spoilt, '"spoilt"'));
    const files = new JournalFiles();
    const crash = () => {
      throw new Error("the power is gone");
    };
    const started = recover({ files, index: new MessageIndex(() => {}, 10), paths: new Paths(root) }, crash);
    await assert.rejects(started, /the power is gone/);
    await files.retireAll();
    const store = await openTestStore(t, root);
    const query = { userId: grace.userId, box: "received", missedUpTo: 0, limit: 10 } as const;
    // A client may have been told about an event that is lost, so its number must count as forgotten.
    for (const after of [1, 12]) assert.equal(await store.messages.events({ ...query, after }), "forgotten", spoilt);
    await publish(store, ada, grace, "goes on");
    assert.ok(store.messages.last().eventId > 65_536);
    assert.equal(store.filesAside > 0, true);
  }
});

test("recover() skips the numbers of all events that an unreadable part may have held", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  await mkdir(paths.messages);
  const events = 70_000;
  const lines = [encodeRecord({ op: "start", seq: 1, lastMessageId: 0, lastUserId: 0 })];
  for (let seq = 2; seq <= events; seq++) lines.push(encodeRecord({ op: "user", seq, userId: seq }));
  // A good line follows, so this is not an unfinished write.
  const text = lines.map((line, i) => (i === 0 || i === 2 ? line : line.replace("user", "uzer"))).join("");
  await writeFile(paths.journalFile(1), text);
  const files = new JournalFiles();
  const index = new MessageIndex(() => {}, 1000);
  await recover({ files, index, paths }, () => {});
  await files.retireAll();
  assert.ok(index.lastSeq > events, `${index.lastSeq}`);
});

test("recover() sets an empty file aside, and reuses none of the ids that were in it", async (t) => {
  const { root, ada, grace, file } = await tenMessages(t);
  await writeFile(file, "");
  const store = await openTestStore(t, root);
  assert.match(store.reports.join(), /error: A journal file is empty/);
  assert.equal(store.filesAside, 1);
  assert.ok((await publish(store, ada, grace, "goes on")) > 10);
  await store.close();
  const again = await openTestStore(t, root);
  assert.deepEqual(again.reports, []);
  assert.deepEqual(
    (await readBox(again, grace)).map(({ message }) => message),
    ["goes on"],
  );
});

test("recover() does not reuse the id of a message whose line was the last one and is damaged", async (t) => {
  const { root, ada, grace, file } = await tenMessages(t);
  await writeFile(file, (await readFile(file, "utf8")).replace('"message 10"', '"massage 10"'));
  const store = await openTestStore(t, root);
  assert.ok((await publish(store, ada, grace, "another")) > 10);
});
