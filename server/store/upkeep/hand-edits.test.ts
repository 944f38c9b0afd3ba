import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { pbkdf2 } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  appendFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { addUser, openTestStore, publish, readBox } from "../../../testing/open-test-store.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import type { Patience } from "../journal/journal-files.ts";
import { encodeRecord } from "../journal/record.ts";

const run = promisify(execFile);

/** An open store with two users, and three messages from ada to grace: one, two, three. */
async function threeMessages(t: Parameters<typeof temporaryFolder>[0]) {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root);
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  for (const text of ["one", "two", "three"]) await publish(store, ada, grace, text);
  const file = join(root, "messages", "000001.jsonl");
  const texts = async (now = store) => (await readBox(now, grace)).map(({ message }) => message);
  return { root, store, ada, grace, file, texts };
}

/** What people do to a file of the journal, without taking out a line on purpose. */
const WAYS: Record<string, (file: string) => Promise<unknown>> = {
  "sed -i": (file) => run("sed", ["-i", "s/x/x/", file]),
  "perl -i": (file) => run("perl", ["-i", "-pe", "s/x/x/", file]),
  "written over with itself": async (file) => writeFile(file, await readFile(file)),
  "written over with something shorter": (file) => writeFile(file, "gone\n"),
  "written over with something longer": async (file) =>
    writeFile(file, `${await readFile(file, "utf8")}${"x".repeat(999)}`),
  "one byte changed": (file) =>
    run("dd", [`of=${file}`, "bs=1", "seek=400", "count=1", "conv=notrunc", "if=/dev/zero"]),
  "a text changed": (file) => run("sed", ["-i", "s/two/2/", file]),
  "a number changed": (file) => run("sed", ["-i", 's/"seq":/"seq":9/', file]),
  "line ends of Windows": (file) => run("sed", ["-i", "s/$/\\r/", file]),
  "appended to": (file) => appendFile(file, "hello\n"),
  "a copy of a line appended": async (file) =>
    appendFile(file, (await readFile(file, "utf8")).split("\n").at(-2) ?? ""),
  "lines sorted": async (file) => writeFile(file, (await readFile(file, "utf8")).split("\n").reverse().join("\n")),
  "cut in a line": (file) => truncate(file, 700),
  emptied: (file) => truncate(file, 0),
  renamed: (file) => rename(file, `${file}.bak`),
  "renamed to the next number": (file) => rename(file, file.replace("1.", "2.")),
  removed: (file) => rm(file),
  "a folder in its place": async (file) => {
    await rm(file);
    await mkdir(file);
  },
  "a link in its place": async (file) => {
    await rename(file, `${file}.bak`);
    await symlink("/etc/hostname", file);
  },
  "moved away and back": async (file) => {
    await rename(file, `${file}.bak`);
    await rename(`${file}.bak`, file);
  },
  "folder removed": (file) => rm(join(file, ".."), { recursive: true }),
  "folder renamed": (file) => rename(join(file, ".."), join(file, "..", "..", "old")),
};

const CHANGES_NOTHING = ["written over with itself", "moved away and back"];

for (const [way, change] of Object.entries(WAYS)) {
  test(`what was acknowledged stays: ${way}`, async (t) => {
    const { root, store, ada, grace, file, texts } = await threeMessages(t);
    await change(file);
    assert.equal(await publish(store, ada, grace, "four"), 4);
    await store.handEdits.lookAtEverything();
    assert.deepEqual(await texts(), ["one", "two", "three", "four"]);
    if (!CHANGES_NOTHING.includes(way)) assert.notDeepEqual(store.handEdits.notes, []);
    await store.close();
    const again = await openTestStore(t, root);
    assert.deepEqual(await texts(again), ["one", "two", "three", "four"]);
    assert.deepEqual(again.reports, []);
    assert.equal(await publish(again, ada, grace, "five"), 5);
  });
}

for (const [way, change] of Object.entries(WAYS)) {
  test(`what was acknowledged stays when the server is stopped right after it: ${way}`, async (t) => {
    const { root, store, file, texts } = await threeMessages(t);
    await change(file);
    await store.close();
    const again = await openTestStore(t, root);
    assert.deepEqual(await texts(again), ["one", "two", "three"]);
    assert.deepEqual(again.reports, []);
  });
}

for (const [line, left] of [
  ["one", ["two", "three"]],
  ["two", ["one", "three"]],
  ["three", ["one", "two"]],
  ["t", ["one"]],
] as const) {
  test(`a line taken out by hand is a message removed: ${line}`, async (t) => {
    const { root, store, ada, grace, file, texts } = await threeMessages(t);
    await setTimeout(20); // the system notes reads and writes to a hundredth of a second
    await run("sed", ["-i", `/"message":"${line}/d`, file]);
    await store.handEdits.lookAtEverything();
    await store.compaction.run("everything");
    assert.deepEqual(await texts(), left);
    assert.deepEqual(
      store.events.filter(({ type }) => type === "delete").map(({ eventId }) => eventId > 3),
      [..."123"].slice(left.length).map(() => true),
    );
    assert.equal(await publish(store, ada, grace, "four"), 4);
    await store.compaction.run("everything");
    assert.doesNotMatch(await readFile(file, "utf8"), new RegExp(`"message":"${line}`));
    await store.close();
    const again = await openTestStore(t, root);
    assert.deepEqual(await texts(again), [...left, "four"]);
  });
}

test("the last line taken out stays out, even if the next message comes before anybody has looked", async (t) => {
  const { store, ada, grace, file, texts } = await threeMessages(t);
  await setTimeout(20);
  await run("sed", ["-i", "$d", file]);
  await publish(store, ada, grace, "four");
  await store.handEdits.lookAtEverything();
  assert.deepEqual(await texts(), ["one", "two", "four"]);
});

test("a message is answered only when it is in the file with the name, even if that is another file by then", async (t) => {
  const { store, ada, grace, file } = await threeMessages(t);
  const before = await readFile(file);
  const handle = await open(file, "r");
  const { datasync } = Object.getPrototypeOf(handle) as typeof handle;
  t.mock.method(Object.getPrototypeOf(handle), "datasync", async function (this: typeof handle) {
    await writeFile(`${file}~`, before);
    await rename(`${file}~`, file);
    await datasync.call(this);
  });
  await publish(store, ada, grace, "four");
  t.mock.restoreAll();
  assert.match(await readFile(file, "utf8"), /"message":"four"/);
  await handle.close();
});

test("what came after an editor had read the file is put back, and what it took out stays out", async (t) => {
  const { store, ada, grace, file, texts } = await threeMessages(t);
  await setTimeout(20);
  const seen = await readFile(file, "utf8");
  for (const text of ["four", "five"]) await publish(store, ada, grace, text);
  await writeFile(file, seen.replace(/.*"message":"two.*\n/, ""));
  assert.equal(await publish(store, ada, grace, "six"), 6);
  await store.handEdits.lookAtEverything();
  assert.deepEqual(await texts(), ["one", "three", "four", "five", "six"]);
});

test("a read just before a write is noticed: what was written then is put back", async (t) => {
  const { store, ada, grace, file, texts } = await threeMessages(t);
  await setTimeout(20);
  // The threads that write are busy for a moment, so the read comes after the writer's look and before its write.
  for (let i = 0; i < 16; i++) pbkdf2("", "", 100_000, 8, "sha256", () => {});
  const published = publish(store, ada, grace, "four");
  const seen = await new Promise<string>((resolve) => setImmediate(() => resolve(readFileSync(file, "utf8"))));
  assert.doesNotMatch(seen, /four/);
  await published;
  await setTimeout(20);
  await readFile(file);
  await writeFile(file, seen);
  await store.handEdits.lookAtEverything();
  assert.deepEqual(await texts(), ["one", "two", "three", "four"]);
});

test("what came after an editor had read the file is put back after a compaction, too", async (t) => {
  const { store, ada, grace, file, texts } = await threeMessages(t);
  await store.messages.remove(1);
  await store.compaction.run("everything"); // the lines about users go now, so the editor does not see them
  await store.messages.remove(2);
  await setTimeout(20);
  const seen = await readFile(file, "utf8");
  await store.compaction.run("everything");
  await publish(store, ada, grace, "four");
  await setTimeout(20);
  await readFile(file);
  await writeFile(file, seen.replace(/.*"message":"two.*\n/, ""));
  await store.handEdits.lookAtEverything();
  assert.deepEqual(await texts(), ["three", "four"]);
});

test("what somebody does just before the server stops is put right, too", async (t) => {
  const { root, store, ada, grace, file, texts } = await threeMessages(t);
  await setTimeout(20);
  const seen = await readFile(file, "utf8");
  await publish(store, ada, grace, "four");
  await writeFile(file, seen.replace(/.*"message":"two.*\n/, ""));
  await store.close();
  const again = await openTestStore(t, root);
  assert.deepEqual(await texts(again), ["one", "three", "four"]);
});

for (const [what, put] of Object.entries({
  "a pipe": (file: string) => run("mkfifo", [file]),
  "a link to a copy": async (file: string) => {
    await writeFile(`${file}.copy`, "a copy");
    await symlink(`${file}.copy`, file);
  },
})) {
  const options = { skip: process.platform === "win32", timeout: 10_000 };
  test(`${what} with the name of a file stops nobody`, options, async (t) => {
    const { store, ada, grace, file, texts } = await threeMessages(t);
    await rm(file);
    await put(file);
    assert.equal(await publish(store, ada, grace, "four"), 4);
    assert.deepEqual(await texts(), ["one", "two", "three", "four"]);
    assert.ok((await lstat(file)).isFile());
    assert.match(store.handEdits.notes.join(), /was removed or moved/);
  });
}

test("what was acknowledged stays when a file is emptied that began a moment ago", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, { maxFileBytes: 400 });
  const ada = await addUser(store, "ada");
  for (const text of ["one", "two", "three"]) await publish(store, ada, ada, text);
  for (const name of await readdir(join(root, "messages"))) {
    if (name.endsWith(".jsonl")) await truncate(join(root, "messages", name), 0);
  }
  await store.handEdits.lookAtEverything();
  assert.deepEqual(
    (await readBox(store, ada)).map(({ message }) => message),
    ["one", "two", "three"],
  );
});

test("ids never come back, even when the newest lines are taken out while the server is stopped", async (t) => {
  for (const change of [
    (file: string) => run("sed", ["-i", "$d", file]),
    (file: string) => rm(file),
    (file: string) => rm(join(file, ".."), { recursive: true }),
  ]) {
    const { root, store, ada, grace, file } = await threeMessages(t);
    const { eventId } = store.messages.last();
    await store.close();
    await change(file);
    const again = await openTestStore(t, root);
    for (const said of [again.reports, again.handEdits.notes]) assert.match(said.join(), /newest lines .* taken out/);
    assert.equal(await publish(again, ada, grace, "four"), 4);
    assert.ok(again.messages.last().eventId > eventId);
    assert.equal(await again.users.nextId(), 3);
    await again.close();
    assert.deepEqual((await openTestStore(t, root)).reports, []);
  }
});

test("a file with the name of a journal file that is none of the server's is moved aside", async (t) => {
  const { root, store, ada, grace, file } = await threeMessages(t);
  await writeFile(join(root, "messages", "000002.jsonl"), await readFile(file));
  await mkdir(join(root, "messages", "notes"));
  await store.handEdits.lookAtEverything();
  assert.match(store.handEdits.notes.join(), /000002.jsonl does not belong to the server/);
  assert.deepEqual(await readdir(join(root, "messages")), ["000001.jsonl", "aside", "notes", "reserve"]);
  assert.equal(await publish(store, ada, grace, "four"), 4);
  // The next one takes nothing away from the first.
  await writeFile(join(root, "messages", "000002.jsonl"), "another");
  await store.handEdits.lookAtEverything();
  assert.deepEqual(await readdir(join(root, "messages", "aside")), ["000002-1.jsonl", "000002-2.jsonl"]);
});

test("a file that cannot be put right does not keep the others from it", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, { maxFileBytes: 400 });
  const ada = await addUser(store, "ada");
  for (const text of ["one", "two", "three"]) await publish(store, ada, ada, text);
  const first = join(root, "messages", "000001.jsonl");
  const second = join(root, "messages", "000002.jsonl");
  await rm(first);
  // In the way of the file that would replace it.
  await mkdir(join(root, "messages", ".new-1.jsonl"));
  await rm(second);
  await store.handEdits.lookAtEverything();
  assert.match(store.handEdits.troubles.join(), /000001.jsonl .*cannot be put right/);
  assert.match(store.handEdits.notes.join(), /000002.jsonl was removed/);
});

test("more lines can be taken out than the journal takes at once", async (t) => {
  const { root, store, ada, grace, file } = await threeMessages(t);
  await store.close();
  const rest = {
    fromId: ada.userId,
    fromHandle: "ada",
    toId: grace.userId,
    toHandle: "grace",
    message: "x",
    sentAt: "",
  };
  const first = await readFile(file, "utf8");
  const lines = Array.from({ length: 100_000 }, (_, i) =>
    encodeRecord({ op: "post", seq: 100 + i, messageId: 4 + i, ...rest }),
  );
  await writeFile(file, [first, ...lines].join(""));
  const again = await openTestStore(t, root);
  await writeFile(file, `${first}${lines.at(-1)}`);
  await again.handEdits.lookAtEverything();
  assert.deepEqual(again.figures().messages, 4);
});

/** A store that keeps almost nothing in memory, with twenty messages from ada to grace. */
async function longJournal(t: Parameters<typeof temporaryFolder>[0], patience?: Patience) {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, { recentBytes: 1000, ...(patience !== undefined && { patience }) });
  const ada = await addUser(store, "ada");
  const grace = await addUser(store, "grace");
  for (let id = 1; id <= 20; id++) await publish(store, ada, grace, `message ${id}`);
  const file = join(root, "messages", "000001.jsonl");
  const ids = async (now = store) => (await readBox(now, grace)).map(({ messageId }) => messageId);
  return { root, store, ada, grace, file, ids, text: await readFile(file, "utf8") };
}

const from1To20 = Array.from({ length: 20 }, (_, i) => i + 1);

for (const [way, change, lost] of [
  ["a line changed", (text: string) => text.replace("message 3", "massage 3"), [3]],
  ["a line taken out", (text: string) => text.replace(/.*message 3".*\n/, ""), [3]],
  ["lines written before it", (text: string) => `${"hello\n".repeat(200)}${text}`, []],
  ["the first lines taken out", (text: string) => text.replace(/.*message [1-5]".*\n/g, ""), [1, 2, 3, 4, 5]],
  ["lines doubled", (text: string) => text.replace(/.*message 3".*\n/, "$&$&"), []],
  ["line ends of Windows", (text: string) => text.replaceAll("\n", "\r\n"), []],
  ["the last newline gone", (text: string) => text.trimEnd(), []],
  ["lines reversed", (text: string) => `${text.trim().split("\n").reverse().join("\n")}\n`, []],
] as const) {
  test(`a file that is too long for the memory is written over: ${way}`, async (t) => {
    const { root, store, ada, grace, file, ids, text } = await longJournal(t);
    await writeFile(file, change(text));
    await store.handEdits.lookAtEverything();
    const left = from1To20.filter((id) => !(lost as readonly number[]).includes(id));
    assert.deepEqual(await ids(), left);
    assert.deepEqual(
      (await readBox(store, grace)).map(({ message }) => message),
      left.map((id) => `message ${id}`),
    );
    for (const id of lost) assert.match(store.handEdits.notes.join(), new RegExp(`\\b${id}\\b.*lost`));
    assert.equal(store.events.filter(({ type }) => type === "delete").length, lost.length);
    assert.equal(await publish(store, ada, grace, "message 21"), 21);
    await store.close();
    const again = await openTestStore(t, root);
    assert.deepEqual(await ids(again), [...left, 21]);
  });
}

test("a page shows no message in the place of another one", async (t) => {
  const { file, ids, text } = await longJournal(t);
  // Two lines of the same length change places.
  await writeFile(file, text.replace(/(.*message 12".*\n)(.*message 13".*\n)/, "$2$1"));
  assert.deepEqual(await ids(), from1To20);
});

test("what was read while somebody wrote over the file is read again when the file is good", async (t) => {
  for (const milliseconds of [5, 10, 20, 30]) {
    const { store, ada, file, texts } = await threeMessages(t);
    const good = await readFile(file);
    await writeFile(file, Buffer.from(good).fill("x", good.length - 100, good.length - 90));
    const reading = texts();
    const editing = store.messages.edit(3, "drei");
    // The server waits until nobody writes to the file any more. By then it is as it was.
    await setTimeout(milliseconds);
    await writeFile(file, good);
    assert.ok((await reading).length === 3, `after ${milliseconds} ms`);
    assert.notEqual(await editing, undefined);
    await publish(store, ada, ada, "four");
    assert.deepEqual(await texts(), ["one", "two", "drei"]);
    await store.close();
  }
});

test("a page with a bad line that nobody knows any more goes on without it", async (t) => {
  const { store, file, ids, text } = await longJournal(t);
  const handle = await open(file, "r+");
  await handle.write("X", text.indexOf("message 7"));
  await handle.close();
  assert.deepEqual(
    await ids(),
    from1To20.filter((id) => id !== 7),
  );
  assert.match(store.handEdits.notes.join(), /Message 7 was lost.*messages\/aside\/000001-1.jsonl/);
});

for (const [order, change] of [
  ["sorted", (lines: string[]) => [...lines].sort()],
  ["reversed", (lines: string[]) => [...lines].reverse()],
] as const) {
  test(`lines that somebody has ${order} while the server was stopped are read all the same`, async (t) => {
    const { root, store, ada, grace, file, texts } = await threeMessages(t);
    await publish(store, ada, grace, "four");
    await store.messages.remove(2);
    await store.close();
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    await writeFile(file, `${change(lines).join("\n")}\n`);
    const again = await openTestStore(t, root);
    await again.compaction.run("everything");
    assert.deepEqual(await texts(again), ["one", "three", "four"]);
    await again.close();
    const third = await openTestStore(t, root);
    assert.deepEqual(await texts(third), ["one", "three", "four"]);
    assert.deepEqual(third.reports, []);
  });
}

test("a file that somebody is still writing over is not given up", async (t) => {
  const { file, ids, text, store } = await longJournal(t, { reading: 10, writing: 600 });
  await writeFile(file, "");
  const looking = store.handEdits.lookAtEverything();
  await setTimeout(200);
  await writeFile(file, text.slice(0, 1500));
  await setTimeout(200);
  await writeFile(file, text);
  await looking;
  assert.deepEqual(await ids(), from1To20);
});

test("before anything is given up, it is said that the file can still be put back", async (t) => {
  const { file, text, store, ids } = await longJournal(t, { reading: 10, writing: 600 });
  await writeFile(file, text.slice(0, 1500));
  const looking = store.handEdits.lookAtEverything();
  while (store.handEdits.troubles.length === 0) await setTimeout(10);
  assert.match(store.handEdits.troubles.join(), /of its messages are in no other place\. Put the file back as it was/);
  await writeFile(file, text);
  await looking;
  assert.deepEqual(await ids(), from1To20);
  await store.handEdits.lookAtEverything();
  assert.deepEqual(store.handEdits.troubles, []);
});

test("a pipe in the place of last-ids.json stops nobody", async (t) => {
  const { root, store, ada, grace } = await threeMessages(t);
  await rm(join(root, "last-ids.json"));
  await run("mkfifo", [join(root, "last-ids.json")]);
  await setTimeout(600);
  assert.equal(await publish(store, ada, grace, "four"), 4);
  await store.close();
  assert.equal(await publish(await openTestStore(t, root), ada, grace, "five"), 5);
});

test("a file that has the name of the next one keeps nobody from sending", async (t) => {
  const root = await temporaryFolder(t);
  const store = await openTestStore(t, root, { maxFileBytes: 400 });
  const ada = await addUser(store, "ada");
  for (const number of ["2", "3", "4"]) await writeFile(join(root, "messages", `00000${number}.jsonl`), "mine");
  for (let i = 1; i <= 10; i++) assert.equal(await publish(store, ada, ada, `${i}`), i);
});

test("a line that the server needs and that is no message is put back, and that is said", async (t) => {
  const { store, file } = await threeMessages(t);
  await store.messages.remove(2);
  await setTimeout(20);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/.*"op":"delete".*\n/, ""));
  await store.handEdits.lookAtEverything();
  assert.match(store.handEdits.notes.join(), /1 line was missing that the server needs, and put back\./);
  assert.equal(await readFile(file, "utf8"), text);
});

test("a message whose line was changed while the server was stopped is named at the start", async (t) => {
  const { root, store, file, texts } = await threeMessages(t);
  await store.close();
  await run("sed", ["-i", "s/two/2/", file]);
  const again = await openTestStore(t, root);
  assert.deepEqual(await texts(again), ["one", "three"]);
  assert.match(again.handEdits.notes.join(), /1 line of messages\/000001\.jsonl \(of message 2\) did not fit the crc/);
});

test("if the journal and last-ids.json are gone and the users are there, that is said, too", async (t) => {
  const { root, store } = await threeMessages(t);
  await store.close();
  await rm(join(root, "messages"), { recursive: true });
  await rm(join(root, "last-ids.json"));
  const again = await openTestStore(t, root);
  assert.match(again.handEdits.notes.join(), /last-ids.json is missing/);
});

test("lines that have changed places are back in their order, and that is said", async (t) => {
  const { store, file, texts } = await threeMessages(t);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/(.*"one".*\n)(.*"two".*\n)/, "$2$1"));
  await store.handEdits.lookAtEverything();
  assert.equal(await readFile(file, "utf8"), text);
  assert.deepEqual(await texts(), ["one", "two", "three"]);
  assert.deepEqual(store.handEdits.notes, [
    "messages/000001.jsonl was changed by hand. Lines had changed places, and are back where they were.",
  ]);
});

for (const [what, put] of Object.entries({
  "a folder": (path: string) => mkdir(path),
  "a link that leads nowhere": (path: string) => symlink("/nowhere/at/all", path),
  "a pipe": (path: string) => run("mkfifo", [path]),
})) {
  const options = { skip: process.platform === "win32", timeout: 10_000 };
  test(`${what} with the name of the next file does not keep the server from starting`, options, async (t) => {
    const { root, store, ada, grace, texts } = await threeMessages(t);
    await store.close();
    await put(join(root, "messages", "000002.jsonl"));
    const again = await openTestStore(t, root);
    const sentence =
      "messages/000002.jsonl is no file that can be read. It was moved to messages/aside/000002-1.jsonl.";
    for (const said of [again.reports, again.handEdits.notes]) assert.ok(said.join().includes(sentence));
    assert.equal(await publish(again, ada, grace, "four"), 4);
    assert.deepEqual(await texts(again), ["one", "two", "three", "four"]);
    await again.close();
    assert.deepEqual((await openTestStore(t, root)).reports, []);
  });
}

test("if last-ids.json is gone, too, nobody knows whether lines are missing, and that is said", async (t) => {
  for (const change of [(file: string) => rm(file), (file: string) => writeFile(file, "{}\n")]) {
    const { root, store } = await threeMessages(t);
    await store.close();
    await change(join(root, "last-ids.json"));
    const again = await openTestStore(t, root);
    for (const said of [again.reports, again.handEdits.notes]) assert.match(said.join(), /last-ids.json is missing/);
    await again.close();
    assert.deepEqual((await openTestStore(t, root)).reports, []);
  }
});
