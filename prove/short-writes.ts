/**
 * The system may write only a part of what the server asks it to. Then the server must write the rest or undo the part,
 * because half a line in the journal would be a message that nobody sent. A limit on the length of files (RLIMIT_FSIZE)
 * lets the proof stop a write at any byte.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Reply } from "../testing/request.ts";
import { type RunningServer, startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { Actions } from "./load/actions.ts";
import { gather } from "./load/crowd.ts";
import { assertOrderly, Ledger } from "./load/ledger.ts";
import { Queue } from "./load/queue.ts";
import { type Proof, Unproven } from "./proof.ts";
import { requireStrace, Strace } from "./system-calls/attach.ts";

const ENVIRONMENT = { UV_THREADPOOL_SIZE: "1" };
/** After a full disk the server checks for room once a second. */
const PATIENCE_MILLISECONDS = 10_000;
/** How long the second part of a write is delayed, so that there is room for it by then. */
const HELD_UP_MICROSECONDS = 2_000_000;
const MAX_TEMPORARY_FILES = 1000;
const PARTS_OF_A_LINE = { quick: 3, whole: 40 };

export const shortWrites: Proof = {
  name: "short-writes",
  promise:
    "when the system writes only a part, the server finishes or undoes it; when it only pretends to write, it notices",
  async prove({ size, ending }) {
    requireStrace();
    if (spawnSync("prlimit", ["--version"]).error !== undefined) throw new Unproven("prlimit is missing (util-linux)");
    const root = await temporaryFolder(ending);
    const server = await startServer(ending, root, ENVIRONMENT);
    const ledger = new Ledger();
    await gather(new Actions(server, ledger, { now: false }), 2);
    const journal = join(root, "messages", "000001.jsonl");
    const scene: Scene = { root, server, queue: new Queue(server, ledger), journal, sent: [] };
    await publish(scene, "the first one");
    for (let part = 1; part <= PARTS_OF_A_LINE[size]; part++) {
      await writePart(scene, Math.ceil((part * 250) / PARTS_OF_A_LINE[size]), part);
    }
    await finishLater(scene, await temporaryFolder(ending));
    await pretend(scene, await temporaryFolder(ending));
    await server.stop("SIGKILL");
    const again = await startServer(ending, root, ENVIRONMENT);
    await assertQueue({ ...scene, queue: new Queue(again, ledger) });
    assert.doesNotMatch(again.output(), /was removed from the journal|damaged|unreadable/);
    assert.equal(await again.stop("SIGTERM"), 0);
    await assertOrderly(root);
    return `${PARTS_OF_A_LINE[size]} writes cut short, 1 finished later, 1 pretended: 0 lost, 0 half`;
  },
};

interface Scene {
  root: string;
  server: RunningServer;
  queue: Queue;
  journal: string;
  /** The texts that must be in the queue. */
  sent: string[];
}

function limit({ server }: Scene, bytes: number | "unlimited"): void {
  const { status, stderr } = spawnSync("prlimit", [`--pid=${server.process.pid}`, `--fsize=${bytes}:unlimited`]);
  assert.equal(status, 0, String(stderr));
}

async function publish({ queue, sent }: Scene, message: string): Promise<Reply> {
  const reply = await queue.publish(message);
  if (reply.status === 200) sent.push(message);
  return reply;
}

async function assertQueue({ queue, sent }: Scene): Promise<void> {
  assert.deepEqual(
    (await queue.read()).map(({ message }) => message),
    sent,
  );
}

/**
 * Leaves room for only so many bytes of a line. The next line is shorter, so if a part of the first were left in the
 * file, it would show after the second.
 */
async function writePart(scene: Scene, bytes: number, number: number): Promise<void> {
  limit(scene, (await stat(scene.journal)).size + bytes);
  const refused = await publish(scene, `${"x".repeat(300)} ${number}`);
  assert.equal(refused.status, 507, refused.text);
  limit(scene, "unlimited");
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while ((await publish(scene, `short ${number}`)).status !== 200) {
    assert.ok(performance.now() < deadline, "there is room again, and still nothing can be written");
    await setTimeout(50);
  }
  await assertQueue(scene);
}

/** The system writes a part, and the rest when the server asks again. */
async function finishLater(scene: Scene, folder: string): Promise<void> {
  const trace = join(folder, "trace");
  const strace = await Strace.attach(scene.server.process.pid ?? 0, trace, {
    call: "write",
    occurrence: 2,
    error: `delay_enter=${HELD_UP_MICROSECONDS}`,
    paths: [scene.journal],
  });
  limit(scene, (await stat(scene.journal)).size + 100);
  const published = publish(scene, `finished later ${"x".repeat(300)}`);
  while (!/write(?:64)?\(.*= 100$/m.test(await readFile(trace, "utf8"))) await setTimeout(5);
  limit(scene, "unlimited");
  const { status, text } = await published;
  await strace.detach();
  assert.equal(status, 200, text);
  await assertQueue(scene);
}

/** The system says that it wrote everything, but wrote nothing. The server must check the file before it names it. */
async function pretend(scene: Scene, folder: string): Promise<void> {
  const { server, root } = scene;
  // The file of the next token. We don't know the number in its temporary name, so take them all.
  const names = Array.from({ length: MAX_TEMPORARY_FILES }, (_, i) => join(root, "users", `.new-${i}-3.dat`));
  const strace = await Strace.attach(server.process.pid ?? 0, join(folder, "trace"), {
    call: "write",
    occurrence: 1,
    error: "retval=32",
    paths: names,
  });
  const { status, text } = await scene.queue.register("nobody");
  assert.match(await strace.detach(), /INJECTED/);
  assert.equal(status, 500, text);
  const again = await scene.queue.register("nobody");
  assert.equal(again.status, 200, again.text);
}
