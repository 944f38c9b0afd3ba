/**
 * Runs the quick part of every proof. If the machine lacks something, the test is skipped and says so. `npm run prove`
 * lists the promises that stayed unproven.
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
