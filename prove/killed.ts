/**
 * Kills the server again and again while sixty-four clients send requests and a teacher decides one thing after the other. Whatever got a 200 must be there after the
 * next start. It needs nothing but a process to kill, so it runs on every machine.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { Actions, type Stopping } from "./load/actions.ts";
import { gather, work } from "./load/crowd.ts";
import { CLASS_MODE, Decisions } from "./load/decisions.ts";
import { assertOrderly, Ledger } from "./load/ledger.ts";
import type { Proof } from "./proof.ts";

const KILLS = { quick: 6, whole: 40 };
const CLIENTS = 64;
const MAX_MILLISECONDS_UNDER_LOAD = 250;
/** Small files, so that kills often happen while a file is begun or compacted. */
const SMALL_FILES = { PLAINCHAT_MAX_FILE_BYTES: String(32 * 1024), ...CLASS_MODE };

export const killed: Proof = {
  name: "killed",
  promise: "what got a 200 is there after kill -9; nothing is half written, doubled, or back after it was removed",
  async prove({ size, ending, log }) {
    const root = await temporaryFolder(ending);
    const ledger = new Ledger();
    let server = await startServer(ending, root, SMALL_FILES);
    const beginning = new Actions(server, ledger, { now: false });
    await gather(beginning, CLIENTS);
    const decisions = new Decisions(root, ledger);
    await decisions.begin(server, { ...(await beginning.register("pupil")), userHandle: "pupil" });
    for (let kill = 1; kill <= KILLS[size]; kill++) {
      const stopping: Stopping = { now: false };
      const actions = new Actions(server, ledger, stopping);
      const working = Promise.all(ledger.clients.map((client) => work(actions, ledger, client, stopping)));
      // A wrong reply counts when it is awaited below, not while we wait for the kill.
      working.catch(() => {});
      await setTimeout(20 + Math.random() * MAX_MILLISECONDS_UNDER_LOAD);
      await decisions.decide(server, kill, false);
      // A reply that was sent before the process died counts, even if the client reads it afterwards.
      await server.stop("SIGKILL");
      await working;
      server = await startServer(ending, root, SMALL_FILES);
      await decisions.compare(server);
      await ledger.compare(server, root);
      if (kill % 20 === 0) log(`${kill} kills, ${ledger.acknowledged} acknowledged`);
    }
    assert.ok(ledger.acknowledged > KILLS[size] * 10, "the clients got enough done");
    assert.equal(await server.stop("SIGTERM"), 0);
    await assertOrderly(root);
    return `${KILLS[size]} kills, ${ledger.acknowledged} acknowledged, 0 lost, 0 half, 0 doubled, 0 back`;
  },
};
