/**
 * Changes every byte of a small data folder, and cuts every file at every place. The server must start each time.
 * Everything it then tells must be what was written; what is missing must be reported in the log. It must never tell
 * anything else.
 *
 * There are two things that no server can know. A token or a class secret that was edited by hand looks like a damaged
 * one (the first is reported, the second is printed at every start). And a file that was cut after a whole line looks
 * like a file that always ended there.
 */
import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { addUser, openTestStore, publish } from "../../testing/open-test-store.ts";
import type { Proof } from "../proof.ts";
import { type Answers, answersOf, differences } from "./answers.ts";
import { Folder } from "./folder.ts";

const HANDLES = ["ada", "grace", "linus"];
const SMALL_FILES = { maxFileBytes: 1000 };
/** How a byte is changed, in turn: its lowest bit, its highest bit, all bits. */
const MASKS = [0x01, 0x80, 0xff];
/** The quick part tries one place in this many. */
const QUICK_STEP = 47;
/** One place in this many is also changed under a running server, which takes time to be sure that nobody is still writing. */
const UNDER_A_SERVER_STEP = 8;

type Ending = Parameters<Proof["prove"]>[0]["ending"];

export const corruption: Proof = {
  name: "corruption",
  promise:
    "whichever byte is changed and wherever a file is cut: no false answer, no crash, and missing data are reported",
  async prove({ size, ending, log }) {
    const folder = await Folder.make(ending);
    const scene = await prepare(ending, folder);
    const count = {
      changes: 0,
      cuts: 0,
      harmless: 0,
      reported: 0,
      "edits by hand": 0,
      "at a line's end": 0,
      "under a server": 0,
    };
    let place = 0;
    for (const [path, right] of folder.files) {
      // Only its length is ever read. The lock file is empty anyway.
      if (path === "messages/reserve") continue;
      for (let offset = 0; offset < right.length; offset++) {
        place++;
        if (size === "quick" && place % QUICK_STEP !== 0) continue;
        const mask = MASKS[place % MASKS.length] ?? 0;
        const changed = Buffer.from(right);
        changed[offset] = (changed[offset] ?? 0) ^ mask;
        count[await tell(scene, path, changed, `${path}, byte ${offset} ^ ${mask}`)]++;
        count.changes++;
        count[await tell(scene, path, right.subarray(0, offset), `${path}, cut at ${offset}`)]++;
        count.cuts++;
        if (path.endsWith(".jsonl") && place % UNDER_A_SERVER_STEP === 0) {
          await changeUnderServer(scene, path, offset);
          count["under a server"]++;
        }
        if (place % 500 === 0) log(`${count.changes} changes, ${count.cuts} cuts`);
      }
    }
    return `${Object.entries(count)
      .map(([name, times]) => `${times} ${name}`)
      .join(", ")}; 0 false, 0 silent, 0 crashes`;
  },
};

interface Scene {
  ending: Ending;
  folder: Folder;
  right: Answers;
  versions: Map<number, Set<string>>;
}

/** Three users, and messages in several files; some are edited, some removed. */
async function prepare(ending: Ending, folder: Folder): Promise<Scene> {
  const store = await openTestStore(ending, folder.root, SMALL_FILES);
  const [ada, grace, linus] = [
    await addUser(store, "ada"),
    await addUser(store, "grace"),
    await addUser(store, "linus"),
  ];
  const versions = new Map<number, Set<string>>();
  const look = async () => {
    for (const [id, message] of (await answersOf(store, HANDLES)).messages) {
      versions.set(id, (versions.get(id) ?? new Set()).add(message));
    }
  };
  for (let i = 1; i <= 6; i++) await publish(store, ada, grace, `message ${i} to grace`, i === 3 ? "a-key" : undefined);
  for (let i = 1; i <= 3; i++) await publish(store, grace, linus, `message ${i} to linus`);
  await look();
  await store.messages.edit(2, "edited");
  await look();
  await store.messages.remove(4);
  await store.messages.remove(8);
  await publish(store, linus, ada, "the last one");
  await look();
  const right = await answersOf(store, HANDLES);
  await store.close();
  await folder.remember();
  assert.ok([...folder.files.keys()].filter((path) => path.endsWith(".jsonl")).length >= 3, "there are several files");
  return { ending, folder, right, versions };
}

type Told = "harmless" | "reported" | "edits by hand" | "at a line's end";

/** Opens a folder with one thing wrong in it. @throws {AssertionError} when it answers wrongly, or hides a loss. */
async function tell(
  { ending, folder, right, versions }: Scene,
  path: string,
  bytes: Buffer,
  what: string,
): Promise<Told> {
  await folder.restore(path, bytes);
  const store = await openTestStore(ending, folder.root, SMALL_FILES);
  try {
    const told = await answersOf(store, HANDLES);
    const { wrong, missing } = differences(right, told, versions);
    assert.deepEqual(wrong, [], what);
    // An error must show in the log and also in /readyz.
    if (store.reports.some((report) => report.startsWith("error"))) {
      assert.ok(store.filesAside + store.handEdits.notes.length > 0, `${what}: reported, but not at /readyz`);
      return "reported";
    }
    if (store.reports.length > 0) return "reported";
    if (path === "users/secret.dat") return "edits by hand";
    if (missing.length === 0) return "harmless";
    const isAtLinesEnd = bytes.length < (folder.files.get(path)?.length ?? 0) && bytes.at(-1) === 0x0a;
    assert.ok(path.endsWith(".jsonl") && isAtLinesEnd, `${what}: nothing was reported about ${missing.join(", ")}`);
    return "at a line's end";
  } finally {
    await store.close();
  }
}

/** A byte goes bad while the server runs. A read must give what was written all the same. */
async function changeUnderServer({ ending, folder, right }: Scene, path: string, offset: number): Promise<void> {
  const bytes = folder.files.get(path) ?? Buffer.alloc(0);
  await folder.restore(path, bytes);
  const store = await openTestStore(ending, folder.root, SMALL_FILES);
  try {
    const handle = await open(join(folder.root, path), "r+");
    await handle.write(Buffer.of((bytes[offset] ?? 0) ^ 0x01), 0, 1, offset);
    await handle.close();
    const told = await answersOf(store, HANDLES);
    assert.deepEqual(told.messages, right.messages, `${path}, byte ${offset} under a server`);
  } finally {
    await store.close();
  }
}
