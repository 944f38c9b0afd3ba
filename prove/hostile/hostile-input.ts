/**
 * Sends the server a storm of requests that no honest client sends, made from a grammar and a seed. The server must
 * answer each with a documented status, stay alive, stay small and touch no files but its own. At the end it must have
 * exactly the messages that it acknowledged. PLAINCHAT_SEED repeats a storm.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Ending } from "../../testing/at-end.ts";
import { send } from "../../testing/request.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { type Proof, type Size, Unproven } from "../proof.ts";
import { prepareCast, type Stage } from "./cast.ts";
import { type Calm, storm } from "./fuzz.ts";
import { queueOf } from "./ledger.ts";
import { startLimited } from "./limited-server.ts";
import { DEAR_ADDRESSES } from "./requests/calls.ts";
import { seedOfRun } from "./requests/random.ts";
import { filesTouched, isStraceHere, startTraced } from "./traced-server.ts";

const REQUESTS = { quick: 5000, whole: 1_000_000 };
const TRACED_REQUESTS = { quick: 1000, whole: 20_000 };
/** When the memory is measured first. By then everything is loaded, and the cache of journal blocks is filling. */
const WARM_PART = 0.3;
/** The cache may take 16 MiB of it. What is left is for what happens to be going on. */
const MAX_GROWTH_MEBIBYTES = 32;
/** What the index keeps of a message. */
const BYTES_OF_MESSAGE = 100;

export const hostileInput: Proof = {
  name: "hostile-input",
  promise:
    "no request, however strange, gets a 500, crashes the server, fills its memory or reaches a file it must not touch",
  async prove({ size, ending, log }) {
    const seed = seedOfRun();
    log(`PLAINCHAT_SEED=${seed}`);
    const { calm, memory, messages, lacks } = await blowAtServer({
      seed,
      requests: REQUESTS[size],
      ending,
      log,
      root: await temporaryFolder(ending),
    });
    const statuses = [...calm.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
    log(`${calm.breakers.toLocaleString("en")} broken requests or smuggling attempts; ${statuses.join(", ")}`);
    const figure =
      `${calm.requests.toLocaleString("en")} requests (seed ${seed}): 0 answered 500, 0 crashes, 0 smuggled, ` +
      `${messages.toLocaleString("en")} acknowledged messages all there; ${memory}`;
    if (!isStraceHere()) {
      throw new Unproven(
        `${figure}; but strace is not installed, so nobody watched which files it touched (apt install strace)`,
      );
    }
    const traced = await watchFiles({ seed: seed + 1, size, ending });
    const all = `${figure}; ${traced.toLocaleString("en")} more watched by strace: it touched no files but its own`;
    if (lacks !== undefined) throw new Unproven(`${all}; but ${lacks}`);
    return all;
  },
};

interface Run {
  seed: number;
  size: Size;
  ending: Ending;
}

interface Blow {
  seed: number;
  requests: number;
  ending: Ending;
  log: (line: string) => void;
  /** Where its data are. No reply may show that. */
  root: string;
  environment?: Record<string, string>;
}

/** Blows a storm at a server, and checks it afterwards. */
export async function blowAtServer({ seed, requests, ending, log, root, environment = {} }: Blow) {
  const server = await startLimited(ending, root, environment);
  const stage = await prepareCast(server);
  // The server loads some things when they are first asked for. Ask now, or that would look like a leak.
  for (const path of ["/", ...DEAR_ADDRESSES]) await send(server.origin, { path });
  let warm: Promise<number> | undefined;
  const everyPart = Math.ceil(requests / 10);
  let next = everyPart;
  const progress = (done: number) => {
    if (done >= WARM_PART * requests) warm ??= server.live();
    if (done < next) return;
    next += everyPart;
    log(`${done.toLocaleString("en")} requests`);
  };
  const calm = await storm({ ...stage, port: Number(new URL(server.origin).port), root, seed, requests, progress });
  server.mustBeAlive();
  await assertAfterwards(server.origin, stage, calm);
  const messages = await stage.ledger.compare(server.origin);
  assert.ok(
    !/A request failed|"level":(50|60)/.test(server.output()),
    `The log has a fault:\n${server.output().slice(-3000)}`,
  );
  const [before = 0, after] = [await warm, await server.live()];
  const mayGrow = MAX_GROWTH_MEBIBYTES + (messages * BYTES_OF_MESSAGE) / 1024 / 1024;
  assert.ok(after - before <= mayGrow, `live memory has grown from ${before} to ${after} MiB`);
  const memory = `memory in use from ${before} to ${after} MiB, ${server.peak()}`;
  await server.stop("SIGTERM");
  return { calm, messages, memory, lacks: server.lacks };
}

async function assertAfterwards(origin: string, { canaryBox, control }: Stage, { canaries }: Calm): Promise<void> {
  const { status, text } = await send(origin, { path: "/readyz" });
  assert.equal(status, 200, text);
  const { json } = await send(origin, {
    path: "/api/v1/chat?limit=200",
    user: `${canaryBox.userId}:${canaryBox.authToken}`,
  });
  const done = json.messages.filter(({ message }) => message !== control);
  const shown = done.map(({ message }) => `${message}: ${JSON.stringify(canaries.get(message)?.toString("latin1"))}`);
  assert.deepEqual(shown, [], "the server carried out hidden requests");
  assert.equal(json.messages.length, 1, "the canary in plain sight arrived, so hidden ones would arrive, too");
  assert.equal((await queueOf(origin, `${canaryBox.userId}:${canaryBox.authToken}`)).size, 1);
}

/** A shorter storm, while strace writes down every file that the server names. */
async function watchFiles({ seed, size, ending }: Run): Promise<number> {
  const folder = await temporaryFolder(ending);
  const root = join(folder, "data");
  const server = await startTraced(ending, root, join(folder, "trace"));
  const stage = await prepareCast(server);
  const requests = TRACED_REQUESTS[size];
  const calm: Calm = await storm({ ...stage, port: Number(new URL(server.origin).port), root, seed, requests });
  await assertAfterwards(server.origin, stage, calm);
  await server.stop();
  assert.deepEqual(await filesTouched(join(folder, "trace"), { root }), [], "files that the server must not touch");
  return calm.requests;
}
