/**
 * Tests three ways a disk can fail under a running server: it is full, it turns read-only, or a sync fails. Each time
 * the client must be told, stored data must stay readable, and nothing that got a 200 may be lost.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { atEnd, type Ending } from "../testing/at-end.ts";
import type { Reply } from "../testing/request.ts";
import { type RunningServer, startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { atOnce } from "./at-once.ts";
import { LoopFileSystem } from "./file-system.ts";
import { Actions } from "./load/actions.ts";
import { gather } from "./load/crowd.ts";
import { assertOrderly, Ledger } from "./load/ledger.ts";
import { Queue } from "./load/queue.ts";
import type { Proof } from "./proof.ts";
import { requireStrace, Strace } from "./system-calls/attach.ts";

const MEGABYTES = 4;
const AT_ONCE = 32;
/** Nearly the longest message allowed. */
const LONG = "x".repeat(4000);
/** On a full disk the server tries to make room once a second. */
const PATIENCE_MILLISECONDS = 10_000;

export const diskFull: Proof = {
  name: "disk-full",
  promise: "when the disk is full, turns read-only or cannot be synced, nothing that got a 200 is lost",
  async prove({ ending }) {
    requireStrace();
    const figures = [];
    for (const failing of [onFullDisk, onReadOnlyDisk, withoutSync]) figures.push(await failing(ending));
    return figures.join("; ");
  },
};

interface Scene {
  disk: LoopFileSystem;
  root: string;
  server: RunningServer;
  ledger: Ledger;
  queue: Queue;
}

async function prepare(ending: Ending, environment: Record<string, string> = {}): Promise<Scene> {
  const disk = await LoopFileSystem.make(ending, "ext4", MEGABYTES);
  const root = join(disk.folder, "data");
  const server = await startServer(ending, root, environment);
  const ledger = new Ledger();
  await gather(new Actions(server, ledger, { now: false }), 2);
  return { disk, root, server, ledger, queue: new Queue(server, ledger) };
}

/**
 * Starts the server again and compares the queue with the ids that got a 200.
 * @param unanswered how many more messages may be in it.
 */
async function restart(ending: Ending, { root, ledger }: Scene, stored: number[], unanswered = 0): Promise<void> {
  const server = await startServer(ending, root);
  const queue = new Queue(server, ledger);
  const there = await idsIn(queue);
  assert.deepEqual(
    there.slice(0, stored.length),
    stored,
    "after the next start, every message that got a 200 is there",
  );
  assert.ok(there.length <= stored.length + unanswered, "and nothing else");
  assert.equal((await queue.publish("it goes on")).status, 200);
  assert.equal(await server.stop("SIGTERM"), 0);
  await assertOrderly(root);
}

async function idsIn(queue: Queue): Promise<number[]> {
  return (await queue.read()).map(({ messageId }) => messageId);
}

async function onFullDisk(ending: Ending): Promise<string> {
  const scene = await prepare(ending);
  const { queue } = scene;
  const stored: number[] = [];
  let refused: Reply | undefined;
  while (refused === undefined) {
    const replies = await atOnce(Array(AT_ONCE).fill(LONG), AT_ONCE, (text) => queue.publish(text));
    for (const reply of replies) if (reply.status === 200) stored.push(reply.json.messageId);
    refused = replies.find(({ status }) => status !== 200);
  }
  stored.sort((a, b) => a - b);
  assert.equal(refused.status, 507, refused.text);
  assert.match(refused.json.detail, /disk is full/);
  // A new user is only three small files, so there may still be room.
  assert.ok([200, 507].includes((await queue.register("latecomer")).status));
  assert.deepEqual(await idsIn(queue), stored, "every message that got a 200 can be read");

  const removed = stored.splice(0, stored.length / 2);
  await atOnce(removed, AT_ONCE, async (messageId) => {
    assert.equal((await queue.remove(messageId)).status, 200, "messages can still be removed");
  });
  stored.push(await untilPublished(queue));
  assert.deepEqual(await idsIn(queue), stored);
  await scene.server.stop("SIGKILL");
  await restart(ending, scene, stored);
  return `full after ${stored.length + removed.length - 1} messages: 507; ${removed.length} removed, then it could write again`;
}

/** There is room again once compaction has run. The server starts it by itself. */
async function untilPublished(queue: Queue): Promise<number> {
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const reply = await queue.publish("there is room again");
    if (reply.status === 200) return reply.json.messageId;
    assert.equal(reply.status, 507, reply.text);
    assert.ok(performance.now() < deadline, "messages were removed, and still nothing can be written");
    await setTimeout(100);
  }
}

async function onReadOnlyDisk(ending: Ending): Promise<string> {
  const scene = await prepare(ending);
  const { queue } = scene;
  const stored: number[] = [];
  for (let i = 0; i < 20; i++) stored.push((await queue.publish(`message ${i}`)).json.messageId);
  await scene.disk.turnReadOnly();
  const changes = [
    () => queue.publish("too late"),
    () => queue.remove(stored[0] ?? 0),
    () => queue.register("latecomer"),
  ];
  for (const change of [...changes, ...changes, ...changes]) {
    const { status, text } = await change();
    assert.ok(status >= 500, text);
    assert.deepEqual(await idsIn(queue), stored, "the queue can still be read");
  }
  await scene.server.stop("SIGKILL");
  scene.disk.unmount();
  scene.disk.mount();
  await restart(ending, scene, stored);
  return `read-only: ${changes.length * 3} changes refused, the queue could still be read`;
}

async function withoutSync(ending: Ending): Promise<string> {
  // One thread for files, because strace counts calls per thread.
  const scene = await prepare(ending, { UV_THREADPOOL_SIZE: "1" });
  const stored = [(await scene.queue.publish("before")).json.messageId];
  const { process } = scene.server;
  // From the third sync on. The two before it succeed, so their messages must get a 200.
  const paths = [join(scene.root, "messages", "000001.jsonl")];
  const injection = { call: "fdatasync", occurrence: "3+", error: "EIO", paths } as const;
  const strace = await Strace.attach(process.pid ?? 0, join(await temporaryFolder(ending), "trace"), injection);
  atEnd(ending, () => strace.detach());
  const ended = once(process, "exit", { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  for (let isAnswered = true; isAnswered; ) {
    const reply = await scene.queue.publish("while syncing fails").catch(() => undefined);
    isAnswered = reply?.status === 200;
    if (reply?.status === 200) stored.push(reply.json.messageId);
  }
  await strace.detach();
  assert.deepEqual(await ended, [1, null], "it exits with code 1");
  assert.equal(stored.length, 3, "a 200 for the message before, and for the two whose sync succeeded");
  await restart(ending, scene, stored, 1);
  return "fdatasync fails: no 200, exit 1, the next start is fine";
}
