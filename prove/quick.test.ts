/**
 * The quick part of every proof. Where the machine lacks something, the test is skipped and says so; `npm run prove` names
 * what went unproven.
 */
import { test } from "node:test";
import { PROOFS } from "./proofs.ts";
import { runProof } from "./run-proof.ts";

for (const proof of PROOFS) {
  test(`${proof.name}: ${proof.promise}`, async (t) => {
    const { result, says, error } = await runProof(proof, "quick", () => {});
    if (result === "unproven") return t.skip(`unproven: ${says}`);
    if (result === "broken") throw error;
    t.diagnostic(says);
  });
}
