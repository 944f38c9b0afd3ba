/**
 * `npm run prove`: puts the promises of this server to the test, and prints one line for each with its figure.
 *
 *     npm run prove -- [--quick] [power-cut] [corruption] …
 *
 * It ends with 0 when everything was proved, with 1 when a promise is broken, and with 2 when none is broken but some went
 * unproven, because the machine lacks what the proof needs.
 */
import { Argument, Command } from "commander";
import type { Size } from "./proof.ts";
import { PROOFS } from "./proofs.ts";
import { type Outcome, runProof } from "./run-proof.ts";

const EXIT_BROKEN = 1;
const EXIT_UNPROVEN = 2;
const MARKS = { proved: "✓", broken: "✗", unproven: "?" };

await new Command("npm run prove --")
  .description("Puts the promises of this server to the test, all of them or those that are named.")
  .addArgument(new Argument("[proof...]", "which of them").choices(PROOFS.map(({ name }) => name)))
  .option("--quick", "the part of each that is done with npm test")
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
