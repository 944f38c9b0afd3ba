/**
 * `npm run prove`: tests the promises of this server and prints one line with a figure for each.
 *
 *     npm run prove -- [--quick] [power-cut] [corruption] …
 *
 * Its exit code is 0 if everything was proved, and 1 if a promise is broken. It is 2 if none is broken but some stayed
 * unproven because the machine lacks what the proof needs.
 */
import { Argument, Command } from "commander";
import type { Size } from "./proof.ts";
import { PROOFS } from "./proofs.ts";
import { type Outcome, runProof } from "./run-proof.ts";

const EXIT_BROKEN = 1;
const EXIT_UNPROVEN = 2;
const MARKS = { proved: "✓", broken: "✗", unproven: "?" };

await new Command("npm run prove --")
  .description("Tests the promises of this server: all of them, or those you name.")
  .addArgument(new Argument("[proof...]", "which proofs to run").choices(PROOFS.map(({ name }) => name)))
  .option("--quick", "only the part of each that npm test runs")
  .action(async (names: string[], { quick = false }: { quick?: boolean }) => {
    process.exitCode = await prove(names, quick ? "quick" : "whole");
  })
  .parseAsync();

async function prove(names: string[], size: Size): Promise<number> {
  const wanted = PROOFS.filter(({ name }) => names.length === 0 || names.includes(name));
  const outcomes: Outcome[] = [];
  for (const proof of wanted) {
    console.log(`  ${proof.name}: ${proof.promise}`);
    const outcome = await runProof(proof, size, (line) => console.log(`    ${line}`));
    const word = outcome.result === "proved" ? "" : `${outcome.result}: `;
    console.log(`${MARKS[outcome.result]} ${proof.name}: ${word}${outcome.says} (${outcome.seconds.toFixed(0)} s)`);
    if (outcome.error instanceof Error) console.log(outcome.error.stack);
    outcomes.push(outcome);
  }
  const count = (result: Outcome["result"]) => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`\n${count("proved")} proved, ${count("broken")} broken, ${count("unproven")} unproven`);
  if (count("broken") > 0) return EXIT_BROKEN;
  return count("unproven") > 0 ? EXIT_UNPROVEN : 0;
}
