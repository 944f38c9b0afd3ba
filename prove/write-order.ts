/**
 * Reads the server's own system calls and checks that everything a 200 promises was durable before the 200 went out.
 * A power cut shows what one file system lost on one day. This shows what any file system might lose.
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
  promise: "before a 200 goes out, every byte and every file name that it depends on is synced",
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
      assert.ok(durability.answers > 0 && durability.syncs > 0, `${act.name}: strace saw its calls`);
      answers += durability.answers;
      syncs += durability.syncs;
      assert.equal(await trial.server.stop("SIGTERM"), 0);
    }
    return `${ACTS.length} kinds of change, ${answers} replies, ${syncs} syncs before them, 0 replies too early`;
  },
};
