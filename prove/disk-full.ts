/**
 * Three ways in which a disk can fail under a running server: it is full, it turns read-only, it cannot be synced. In each
 * of them the client is told, what is stored stays readable, and nothing that was answered with 200 is lost.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Ending } from "../tests/at-end.ts";
import { type Reply, send } from "../tests/request.ts";
import { type RunningServer, startServer } from "../tests/start-server.ts";
import { atOnce } from "./at-once.ts";
import { LoopFileSystem } from "./file-system.ts";
import { Actions } from "./load/actions.ts";
import { gather } from "./load/crowd.ts";
import { assertOrderly, type Client, credentials, Ledger } from "./load/ledger.ts";
import type { Proof } from "./proof.ts";
import { requireStrace, Strace } from "./system-calls/attach.ts";

const MEGABYTES = 4;
const CLIENTS = 2;
const AT_ONCE = 32;
/** Nearly as long as a message may be. */
const LONG = "x".repeat(4000);
/** On a full disk the server tries to make room once a second. */
const PATIENCE_MILLISECONDS = 10_000;

export const diskFull: Proof = {
  name: "disk-full",
  promise: "a disk that is full, read-only or cannot be synced costs nothing that was answered with 200",
  async prove({ ending }) {
    requireStrace();
    const full = await onFullDisk(ending);
    const readOnly = await onReadOnlyDisk(ending);
    const unsynced = await withoutSync(ending);
    return `${full}; ${readOnly}; ${unsynced}`;
  },
};

interface Scene {
  disk: LoopFileSystem;
  root: string;
  server: RunningServer;
  ledger: Ledger;
  actions: Actions;
  from: Client;
  to: Client;
}

async function prepare(ending: Ending, environment: Record<string, string> = {}): Promise<Scene> {
  const disk = await LoopFileSystem.make(ending, "ext4", MEGABYTES);
  const root = join(disk.folder, "data");
  const server = await startServer(ending, root, environment);
  const ledger = new Ledger();
  const actions = new Actions(server, ledger, { now: false });
  await gather(actions, CLIENTS);
  const [to, from] = ledger.clients;
  assert.ok(to !== undefined && from !== undefined);
  return { disk, root, server, ledger, actions, from, to };
}

function publish({ server, from, to }: Scene, message: string): Promise<Reply> {
  const body = { userHandle: to.handle, message };
  return send(server.origin, { method: "POST", path: "/api/v1/chat", user: credentials(from), body });
}

function remove({ server, from }: Scene, messageId: number): Promise<Reply> {
  return send(server.origin, { method: "DELETE", path: "/api/v1/chat", user: credentials(from), body: { messageId } });
}

/** All ids in the recipient's queue. */
async function readQueue({ server, to }: Scene): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const path = `/api/v1/chat?limit=200&after=${ids.at(-1) ?? 0}`;
    const { status, text, json } = await send(server.origin, { path, user: credentials(to) });
    assert.equal(status, 200, text);
    if (json.messages.length === 0) return ids;
    ids.push(...json.messages.map(({ messageId }) => messageId));
  }
}

async function onFullDisk(ending: Ending): Promise<string> {
  const scene = await prepare(ending);
  const stored: number[] = [];
  let refused: Reply | undefined;
  while (refused === undefined) {
    const replies = await atOnce(Array(AT_ONCE).fill(LONG), AT_ONCE, (text) => publish(scene, text));
    for (const reply of replies) if (reply.status === 200) stored.push(reply.json.messageId);
    refused = replies.find(({ status }) => status !== 200);
  }
  stored.sort((a, b) => a - b);
  assert.equal(refused.status, 507, refused.text);
  assert.match(refused.json.detail, /disk is full/);
  const registering = await send(scene.server.origin, {
    method: "POST",
    path: "/api/v1/register",
    body: { secret: scene.server.secret, userHandle: "latecomer" },
  });
  assert.ok(registering.status === 507 || registering.status === 200, registering.text);
  assert.deepEqual(await readQueue(scene), stored, "everything that was answered with 200 can be read");

  const removed = stored.splice(0, stored.length / 2);
  await atOnce(removed, AT_ONCE, async (messageId) => {
    assert.equal((await remove(scene, messageId)).status, 200, "removing goes on");
  });
  const again = await untilPublished(scene);
  stored.push(again);
  assert.deepEqual(await readQueue(scene), stored);
  await scene.server.stop("SIGKILL");
  const restarted = { ...scene, server: await startServer(ending, scene.root) };
  assert.deepEqual(await readQueue(restarted), stored, "and so it is after the next start");
  assert.equal(await restarted.server.stop("SIGTERM"), 0);
  await assertOrderly(scene.root);
  return `full after ${stored.length + removed.length} messages: 507, ${removed.length} removed, then written again`;
}

/** Room comes back when compaction has run, which it does by itself. */
async function untilPublished(scene: Scene): Promise<number> {
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const reply = await publish(scene, "there is room again");
    if (reply.status === 200) return reply.json.messageId;
    assert.equal(reply.status, 507, reply.text);
    assert.ok(performance.now() < deadline, "after removing, nothing can be written");
    await setTimeout(100);
  }
}

async function onReadOnlyDisk(ending: Ending): Promise<string> {
  const scene = await prepare(ending);
  const stored: number[] = [];
  for (let i = 0; i < 20; i++) stored.push((await publish(scene, `message ${i}`)).json.messageId);
  await scene.disk.turnReadOnly();
  let refusals = 0;
  const changes = [
    () => publish(scene, "too late"),
    () => remove(scene, stored[0] ?? 0),
    () => send(scene.server.origin, register(scene, "latecomer")),
  ];
  for (let round = 0; round < 3; round++) {
    for (const change of changes) {
      const { status, text } = await change();
      assert.ok(status >= 500, text);
      refusals++;
    }
    assert.deepEqual(await readQueue(scene), stored, "reading goes on");
  }
  await scene.server.stop("SIGKILL");
  scene.disk.unmount();
  scene.disk.mount();
  const restarted = { ...scene, server: await startServer(ending, scene.root) };
  assert.deepEqual(await readQueue(restarted), stored);
  assert.equal((await publish(restarted, "writable again")).status, 200);
  assert.equal(await restarted.server.stop("SIGTERM"), 0);
  return `read-only: ${refusals} changes refused, reading went on`;
}

function register({ server }: Scene, userHandle: string) {
  return { method: "POST", path: "/api/v1/register", body: { secret: server.secret, userHandle } };
}

async function withoutSync(ending: Ending): Promise<string> {
  // One thread for files: strace counts by thread.
  const scene = await prepare(ending, { UV_THREADPOOL_SIZE: "1" });
  const stored = [(await publish(scene, "before")).json.messageId];
  const { process } = scene.server;
  const journal = join(scene.root, "messages", "000001.jsonl");
  // From the third sync on: what came before must be answered, and is.
  const injection = { call: "fdatasync", occurrence: "3+", error: "EIO", paths: [journal] } as const;
  const strace = await Strace.attach(process.pid ?? 0, join(scene.disk.folder, "trace"), injection);
  const ended = once(process, "exit", { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  let unanswered = 0;
  while (process.exitCode === null && unanswered === 0) {
    try {
      const reply = await publish(scene, "while syncing fails");
      if (reply.status === 200) stored.push(reply.json.messageId);
      else unanswered++;
    } catch {
      unanswered++;
    }
  }
  await strace.detach();
  assert.deepEqual(await ended, [1, null], "it ends, with a reason");
  assert.equal(stored.length, 3, "answered: the one before, and two whose sync went well");
  const restarted = { ...scene, server: await startServer(ending, scene.root) };
  const there = await readQueue(restarted);
  assert.deepEqual(there.slice(0, stored.length), stored);
  assert.ok(there.length <= stored.length + 1, "at most the one that was not answered");
  assert.equal(await restarted.server.stop("SIGTERM"), 0);
  return "fdatasync fails: no 200, exit 1, the next start right";
}
