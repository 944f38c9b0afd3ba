/**
 * Runs the quick part of every proof in `npm test`. If the machine lacks something, the test is skipped and says so. `npm
 * run prove` lists the promises that stayed unproven. One after the other the proofs are the longest of all test files,
 * so they are dealt out to a few files, quick-1.test.ts and so on, which call this.
 */
import { globSync } from "node:fs";
import { test } from "node:test";
import { PROOFS } from "./proofs.ts";
import { runProof } from "./run-proof.ts";

/** Counted, so that no proof is left out if there is another file one day. */
const FILES = globSync("quick-*.test.ts", { cwd: import.meta.dirname }).length;

/** @param file its number, from 1. */
export function testQuickly(file: number): void {
  for (const proof of PROOFS.filter((_, i) => i % FILES === file - 1)) {
    test(`${proof.name}: ${proof.promise}`, async (t) => {
      const { result, says, error } = await runProof(proof, "quick", () => {});
      if (result === "unproven") return t.skip(`unproven: ${says}`);
      if (result === "broken") throw error;
      t.diagnostic(says);
    });
  }
}
