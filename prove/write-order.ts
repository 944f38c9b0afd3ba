/**
 * Before a 200 goes out, everything that it stands on was made durable: read from the server's own system calls. A power
 * cut shows what one file system has lost on one day; this shows what any of them might lose.
 */
import assert from "node:assert/strict";
import { ACTS } from "./load/single-acts.ts";
import type { Proof } from "./proof.ts";
import { requireStrace } from "./system-calls/attach.ts";
import { Durability } from "./system-calls/durability.ts";
import { readTrace } from "./system-calls/trace-file.ts";
import { makeTemplate, prepareTrial, watch } from "./system-calls/trial.ts";

export const writeOrder: Proof = {
  name: "write-order",
  promise: "before a 200 goes out, every byte and every name that it stands on was synced",
  async prove({ ending }) {
    requireStrace();
    const template = await makeTemplate(ending);
    let answers = 0;
    let syncs = 0;
    for (const [number, act] of ACTS.entries()) {
      const trial = await prepareTrial(ending, template, act, number);
      const { trace, unanswered } = await watch(ending, trial, act);
      assert.equal(unanswered, undefined, act.name);
      const durability = new Durability(trial.root);
      for (const call of readTrace(trace)) assert.equal(durability.follow(call), undefined, act.name);
      assert.ok(durability.answers > 0 && durability.syncs > 0, `${act.name}: its calls were seen`);
      answers += durability.answers;
      syncs += durability.syncs;
      assert.equal(await trial.server.stop("SIGTERM"), 0);
    }
    return `${ACTS.length} kinds of change, ${answers} answers, ${syncs} syncs before them, 0 answers too early`;
  },
};
