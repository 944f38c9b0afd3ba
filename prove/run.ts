/**
 * `npm run prove`: puts the promises of this server to the test, and prints one line for each with its figure.
 *
 *     npm run prove -- [--quick] [power-cut] [corruption] …
 *
 * It ends with 0 when everything was proved, with 1 when a promise is broken, and with 2 when none is broken but some went
 * unproven, because the machine lacks what the proof needs.
 */
import { parseArgs } from "node:util";
import { PROOFS } from "./proofs.ts";
import { type Outcome, runProof } from "./run-proof.ts";

const EXIT_BROKEN = 1;
const EXIT_UNPROVEN = 2;
const MARKS = { proved: "✓", broken: "✗", unproven: "?" };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean" } } });
const unknown = positionals.find((name) => !PROOFS.some((proof) => proof.name === name));
if (unknown === undefined) process.exitCode = await proveAll();
else {
  console.error(`There is no proof ${unknown}. There are: ${PROOFS.map(({ name }) => name).join(", ")}`);
  process.exitCode = EXIT_BROKEN;
}

async function proveAll(): Promise<number> {
  const wanted = PROOFS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const outcomes: Outcome[] = [];
  for (const proof of wanted) {
    console.log(`  ${proof.name}: ${proof.promise}`);
    const outcome = await runProof(proof, values.quick === true ? "quick" : "whole", (line) =>
      console.log(`    ${line}`),
    );
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
