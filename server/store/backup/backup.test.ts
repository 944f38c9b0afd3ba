import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { link, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { Header } from "tar";
import { addUser, openTestStore, publish, readBox, type TestStore } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import type { User } from "../contract.ts";
import { encodeRecord } from "../journal/record.ts";
import { moveWithoutReplacing, writeBackup } from "./backup.ts";
import { stageRestore } from "./restore.ts";

const SMALL = { maxFileBytes: 16 * 1024 };
const NOW = new Date("2030-01-02T12:00:00.000Z");
const nothing = () => {};
/** A line of a journal. */
const LINE = encodeRecord({ op: "user", seq: 1, userId: 1 });

test("a backup made during writes and compaction holds the folder as it was at one moment", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, SMALL);
  const ada = await addUser(store, "ada");
  const texts = new Map<number, string>();
  let isOver = false;
  let last = 0;
  const working = (async () => {
    while (!isOver) {
      last = await publish(store, ada, ada, "first");
      texts.set(last, "first");
      const old = last - 40;
      if (last % 3 === 0 && texts.has(old)) await store.messages.edit(old, "second");
      if (last % 7 === 0 && texts.has(old)) await store.messages.remove(old);
      if (last % 50 === 0) await addUser(store, `user-${last}`);
    }
  })();
  const compacting = (async () => {
    while (!isOver) {
      await store.compaction.run("everything");
      await setTimeout(50);
    }
  })();
  const backups: { file: string; before: number; after: number }[] = [];
  try {
    while (last < 1000) {
      const before = last;
      const file = join(root, `${backups.length}.tar.gz`);
      await writeBackup(root, file, nothing);
      backups.push({ file, before, after: last + 1 });
    }
  } finally {
    isOver = true;
    await Promise.all([working, compacting]);
  }
  assert.ok(backups.length >= 3);
  for (const { file, before, after } of backups) {
    const elsewhere = await temporaryFolder(t);
    await stageRestore(elsewhere, file, NOW, nothing);
    const restored = await openTestStore(t, elsewhere, SMALL);
    const seen = await readBox(restored, ada);
    const ids = seen.map(({ messageId }) => messageId);
    const newest = ids.at(-1) ?? 0;
    assert.ok(newest >= before && newest <= after, `${before} ≤ ${newest} ≤ ${after}`);
    // At that moment the writer was at `newest`, or between it and the next message.
    for (let id = 1; id <= newest; id++) {
      const by = id + 40;
      const isRemoved = by % 7 === 0 && by < newest;
      const mayBeRemoved = by % 7 === 0 && by <= newest;
      const found = seen.find(({ messageId }) => messageId === id);
      if (isRemoved) assert.equal(found, undefined, `${id} has come back`);
      else if (!mayBeRemoved) assert.ok(found !== undefined, `${id} is missing`);
      if (found !== undefined && by % 3 === 0 && by < newest) assert.equal(found.message, "second");
    }
    assert.deepEqual(restored.reports, ["info: A backup has replaced the data"]);
  }
});

test("a restore replaces everything, keeps the old data, and reuses no id and no event number", async (t) => {
  const root = await temporaryFolder(t);
  let store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  await publish(store, ada, ada, "kept");
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  const { users, lines } = await writeBackup(root, file, nothing);
  assert.deepEqual({ users, lines }, { users: 1, lines: 3 });
  await addUser(store, "grace");
  const lost = await publish(store, ada, ada, "lost");
  const { eventId } = store.messages.last();
  await store.close();
  const { before } = await stageRestore(root, file, NOW, nothing);
  store = await openTestStore(t, root);
  assert.deepEqual(
    (await readBox(store, ada)).map(({ message }) => message),
    ["kept"],
  );
  assert.equal(await publish(store, ada, ada, "new"), lost + 1);
  assert.equal((await addUser(store, "grace")).userId, 3);
  const query = { userId: ada.userId, box: "received", missedUpTo: 0, after: eventId, limit: 10 } as const;
  assert.equal(await store.messages.events(query), "forgotten");
  assert.deepEqual((await readdir(join(root, before))).sort(), ["messages", "users"]);
  assert.match(await readFile(join(root, before, "messages", "000001.jsonl"), "utf8"), /"lost"/);
  assert.ok(!(await readdir(root)).includes("restored"));
});

const DAY = 24 * 60 * 60 * 1000;

/** Whether a stream that has seen this event is told to begin again. */
async function mustBeForgotten(store: TestStore, user: User, eventId: number): Promise<void> {
  const query = { userId: user.userId, box: "received", missedUpTo: 0, after: eventId, limit: 10 } as const;
  assert.equal(await store.messages.events(query), "forgotten", `event ${eventId}`);
}

test("after a restore into a new folder, no event that only the lost one knew has the number of a new one", async (t) => {
  const lost = await temporaryFolder(t);
  const store = await openTestStore(t, lost);
  const ada = await addUser(store, "ada");
  await publish(store, ada, ada, "kept");
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(lost, file, nothing);
  const { eventId: ofBackup } = store.messages.last();
  await store.close();
  /** Restores into a folder that knows nothing of the others, and publishes. */
  const restored = async (now: number) => {
    const root = await temporaryFolder(t);
    await stageRestore(root, file, new Date(now), nothing);
    const next = await openTestStore(t, root, { now: () => now });
    const { eventId: first } = next.messages.last();
    await publish(next, ada, ada, "new");
    return { next, first, last: next.messages.last().eventId };
  };
  // As many events as the lost folder may have had after the backup: a few, as many as streams remember, or a billion.
  const one = await restored(NOW.getTime());
  for (const later of [0, 1, 1000, 65_535, 65_536, 65_537, 131_074, 1e9]) {
    await mustBeForgotten(one.next, ada, ofBackup + later);
  }
  // The same backup again, because that folder is lost, too.
  const two = await restored(NOW.getTime() + DAY);
  for (const eventId of [one.first, one.last, one.last + 1e9]) await mustBeForgotten(two.next, ada, eventId);
  assert.ok(two.first > one.last + 1e9, "numbers go up, whichever folder gave them out");
  const { events } = (await two.next.messages.events({
    ...{ userId: ada.userId, box: "received", missedUpTo: 0, after: two.first, limit: 10 },
  })) as { events: unknown[] };
  assert.equal(events.length, 1, "a stream goes on from the restore");
  // A clock without a battery begins in 1970. Then at least as many as streams remember may be lost.
  const old = await restored(0);
  for (const later of [0, 1, 1000, 65_536]) await mustBeForgotten(old.next, ada, ofBackup + later);
  // And one that is far ahead leaves room for numbers.
  const far = await restored(Date.UTC(9999, 0));
  assert.ok(Number.isSafeInteger(far.last * 1.9), `${far.last}`);
});

for (const [when, interrupt] of [
  ["before anything was moved", async () => {}],
  [
    "when the users had been moved away",
    async (root: string, before: string) => {
      await mkdir(join(root, before));
      await rename(join(root, "users"), join(root, before, "users"));
    },
  ],
  [
    "when the users were in their place",
    async (root: string, before: string) => {
      await mkdir(join(root, before));
      await rename(join(root, "users"), join(root, before, "users"));
      await rename(join(root, "restored", "users"), join(root, "users"));
    },
  ],
  [
    "when all was in its place but the marker was still there",
    async (root: string, before: string) => {
      await mkdir(join(root, before));
      for (const folder of ["users", "messages"]) {
        await rename(join(root, folder), join(root, before, folder));
        await rename(join(root, "restored", folder), join(root, folder));
      }
    },
  ],
] as const) {
  test(`the next start finishes a restore that was interrupted ${when}`, async (t) => {
    const root = await temporaryFolder(t);
    const store = await openTestStore(t, root);
    const ada = await addUser(store, "ada");
    await publish(store, ada, ada, "kept");
    const file = join(await temporaryFolder(t), "backup.tar.gz");
    await writeBackup(root, file, nothing);
    await publish(store, ada, ada, "lost");
    await store.close();
    const { before } = await stageRestore(root, file, NOW, nothing);
    await interrupt(root, before);
    const again = await openTestStore(t, root);
    assert.deepEqual(
      (await readBox(again, ada)).map(({ message }) => message),
      ["kept"],
    );
    assert.match(await readFile(join(root, before, "messages", "000001.jsonl"), "utf8"), /"lost"/);
  });
}

test("a backup with one wrong byte, or a file that is no backup, is refused and changes nothing", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  await publish(store, ada, ada, "hello");
  const folder = await temporaryFolder(t);
  const file = join(folder, "backup.tar.gz");
  await writeBackup(root, file, nothing);
  const good = await readFile(file);
  const archive = gunzipSync(good);
  let refused = 0;
  const bad = join(folder, "bad.tar.gz");
  for (let i = 12; i < good.length; i += 17) {
    const flipped = Buffer.from(good.with(i, (good[i] ?? 0) ^ 1));
    await writeFile(bad, flipped);
    // If zeros are copied from other zeros, a wrong distance gives the same bytes as the right one.
    if (unpacked(flipped)?.equals(archive)) continue;
    refused++;
    await assert.rejects(stageRestore(root, bad, NOW, nothing), /damaged|not a plainchat backup/, `byte ${i}`);
  }
  assert.ok(refused > 20, `${refused}`);
  await writeFile(bad, good.subarray(0, good.length / 2));
  await assert.rejects(stageRestore(root, bad, NOW, nothing), /damaged|not a plainchat backup/);
  await writeFile(join(folder, "passwd"), "x");
  for (const name of ["../passwd", "users/../../passwd", "users/1.exe", "messages/000001.jsonl/x", "/tmp/passwd"]) {
    execFileSync("tar", ["czPf", bad, "-C", folder, "--transform", `s,passwd,${name},`, "passwd"]);
    await assert.rejects(stageRestore(root, bad, NOW, nothing), /not a plainchat backup/, name);
  }
  assert.ok(!(await readdir(root)).includes("restored"));
  await assert.rejects(writeBackup(root, file, nothing), /already exists/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

const MANY = 64 * 1024 * 1024;

for (const [what, path, size, bytes, sentence] of [
  ["a journal file of zeros", "messages/000001.jsonl", MANY, () => Buffer.alloc(MANY), /damaged at byte 0/],
  ["a line that does not end", "messages/000001.jsonl", MANY, () => Buffer.alloc(MANY, LINE.trim()), /at byte 0/],
  ["a token of zeros", "users/1.dat", MANY, () => Buffer.alloc(MANY), /users\/1.dat in the backup is damaged/],
  ["another file", "other", MANY, () => Buffer.alloc(MANY), /not a plainchat backup/],
  [
    "a file that fits on no disk",
    "messages/000001.jsonl",
    2 ** 50,
    () => Buffer.alloc(MANY),
    /too large for this disk/,
  ],
  [
    "many good lines and a bad one",
    "messages/000001.jsonl",
    LINE.length * 3e5 + 1,
    () => Buffer.concat([Buffer.alloc(LINE.length * 3e5, LINE), Buffer.from("x")]),
    /damaged at byte/,
  ],
] as const) {
  test(`a small backup with ${what} is refused, and nothing of it is written`, async (t) => {
    const root = await temporaryFolder(t);
    const file = join(root, "bomb.tar.gz");
    const header = new Header({ path, size, mode: 0o600, mtime: NOW, type: "File" });
    header.encode();
    assert.ok(header.block !== undefined);
    const content = bytes();
    const toNextBlock = -content.length & 511;
    const tar = Buffer.concat([header.block, content, Buffer.alloc(toNextBlock + 1024)]);
    await writeFile(file, gzipSync(tar, { level: 1 }));
    const isUnpacking = () => assert.ok(!existsSync(join(root, "restored")));
    await assert.rejects(stageRestore(root, file, NOW, isUnpacking), sentence);
    isUnpacking();
  });
}

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

test("if two restores into one folder run at once, one is refused and the other is complete", async (t) => {
  const from = await temporaryFolder(t);
  const store = await openTestStore(t, from);
  const ada = await addUser(store, "ada");
  for (let i = 0; i < 50; i++) await publish(store, ada, ada, `message ${i}`);
  await store.close();
  const file = join(await temporaryFolder(t), "backup.tar.gz");
  await writeBackup(from, file, nothing);
  const root = await temporaryFolder(t);
  const both = await Promise.allSettled([
    stageRestore(root, file, NOW, nothing),
    stageRestore(root, file, NOW, nothing),
  ]);
  const refused = both.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : []));
  assert.deepEqual(refused, ["Error: Another restore is running"]);
  const restored = await openTestStore(t, root);
  assert.equal((await readBox(restored, ada)).length, 50);
});

test("moveWithoutReplacing() never overwrites a file, even on disks without links", async (t) => {
  // This is what FAT answers.
  const noLinks = () => Promise.reject(Object.assign(new Error("operation not permitted, link"), { code: "EPERM" }));
  for (const linkFile of [link, noLinks]) {
    const folder = await temporaryFolder(t);
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    await writeFile(from, "one");
    await moveWithoutReplacing(from, to, linkFile);
    assert.deepEqual(await readdir(folder), ["to"]);
    await writeFile(from, "another");
    await assert.rejects(moveWithoutReplacing(from, to, linkFile), { code: "EEXIST" });
    assert.equal(await readFile(to, "utf8"), "one");
  }
});
