/**
 * The promise that matters most: whatever got a 200 is there after a power cut. In half of the cuts many clients are
 * sending, so the cut can fall anywhere. In the other half it comes right after one reply, so that no later sync can
 * save what the server forgot to sync.
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { journalNumbersIn, Paths } from "../server/store/files/paths.ts";
import { startServer } from "../testing/start-server.ts";
import { type Kind, LoopFileSystem } from "./file-system.ts";
import { Actions, type Stopping } from "./load/actions.ts";
import { gather, work } from "./load/crowd.ts";
import { CLASS_MODE, Decisions } from "./load/decisions.ts";
import { assertOrderly, Ledger } from "./load/ledger.ts";
import { ACTS, newScene, type Scene } from "./load/single-acts.ts";
import { type Proof, Unproven } from "./proof.ts";

const CUTS: Record<"quick" | "whole", Record<Kind, number>> = {
  quick: { ext4: 6, xfs: 2 },
  whole: { ext4: 100, xfs: 30 },
};
const MEGABYTES: Record<Kind, number> = { ext4: 48, xfs: 320 };
const CLIENTS = 24;
const MAX_MILLISECONDS_UNDER_LOAD = 250;
/** Small files, so that cuts often happen while a file is begun or compacted. */
const SMALL_FILES = { PLAINCHAT_MAX_FILE_BYTES: String(16 * 1024), ...CLASS_MODE };
/** In every fifth cut, the last reply was one to the teacher. */
const CUTS_FOR_A_DECISION = 5;

export const powerCut: Proof = {
  name: "power-cut",
  promise: "what got a 200 is there after a power cut; nothing is half written, doubled, or back after it was removed",
  async prove({ size, ending, log }) {
    const figures: string[] = [];
    const missing: string[] = [];
    for (const kind of ["ext4", "xfs"] as const) {
      try {
        const disk = await LoopFileSystem.make(ending, kind, MEGABYTES[kind]);
        figures.push(await cutAgainAndAgain(disk, CUTS[size][kind], { ending, log }));
      } catch (error) {
        // Not every machine has xfs, so only ext4 is required.
        if (!(error instanceof Unproven)) throw error;
        missing.push(`${kind}: ${error.message}`);
      }
    }
    if (figures.length === 0) throw new Unproven(missing.join("; "));
    return [...figures, ...missing.map((each) => `not on ${each}`)].join("; ");
  },
};

type Context = Pick<Parameters<Proof["prove"]>[0], "ending" | "log">;

async function cutAgainAndAgain(disk: LoopFileSystem, cuts: number, { ending, log }: Context): Promise<string> {
  const root = join(disk.folder, "data");
  const ledger = new Ledger();
  let server = await startServer(ending, root, SMALL_FILES);
  const beginning = new Actions(server, ledger, { now: false });
  await gather(beginning, CLIENTS);
  const decisions = new Decisions(root, ledger);
  await decisions.begin(server, { ...(await beginning.register("pupil")), userHandle: "pupil" });
  for (let cut = 1; cut <= cuts; cut++) {
    const stopping: Stopping = { now: false };
    const actions = new Actions(server, ledger, stopping);
    if (cut % CUTS_FOR_A_DECISION === 0) {
      await decisions.decide(server, cut / CUTS_FOR_A_DECISION - 1, true);
      disk.cutThePower();
    } else if (cut % 2 === 0) await cutUnderLoad(disk, ledger, actions, stopping);
    else await cutBehindOneAnswer(disk, newScene(actions, ledger, root, cut));
    await server.stop("SIGKILL");
    disk.unmount();
    disk.mount();
    server = await startServer(ending, root, SMALL_FILES);
    await decisions.compare(server);
    await ledger.compare(server, root);
    if (cut % 20 === 0) log(`${disk.kind}: ${cut} cuts, ${ledger.acknowledged} acknowledged`);
  }
  const begun = Math.max(...journalNumbersIn(await readdir(new Paths(root).messages)));
  assert.ok(begun > cuts / 10, "new journal files were begun");
  assert.equal(await server.stop("SIGTERM"), 0);
  await assertOrderly(root);
  return `${disk.kind}: ${cuts} cuts, ${ledger.acknowledged} acknowledged, 0 lost, 0 half, 0 doubled, 0 back (${begun} journal files)`;
}

async function cutUnderLoad(disk: LoopFileSystem, ledger: Ledger, actions: Actions, stopping: Stopping): Promise<void> {
  const working = Promise.all(ledger.clients.map((client) => work(actions, ledger, client, stopping)));
  // A wrong reply counts when it is awaited below, not while we wait for the cut.
  working.catch(() => {});
  await setTimeout(20 + Math.random() * MAX_MILLISECONDS_UNDER_LOAD);
  stopping.now = true;
  disk.cutThePower();
  await working;
}

async function cutBehindOneAnswer(disk: LoopFileSystem, scene: Scene): Promise<void> {
  const act = ACTS[Math.floor(scene.number / 2) % ACTS.length];
  await act?.prepare?.(scene);
  await act?.run(scene);
  disk.cutThePower();
}
