/**
 * Tests the tests. It breaks the store and the limits in many small ways, one after the other, as described in the JSON files of
 * prove/mutants. The test or proof named there must notice each one. If a mutant survives, a test is missing.
 *
 * No file is copied or changed: the bug is put into the source when Node reads it (check/broken/break.ts).
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type BrokenServer, changed, readBrokenServers } from "../../check/broken/broken-server.ts";
import { atOnce } from "../at-once.ts";
import { type Proof, Unproven } from "../proof.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const FOLDER = import.meta.dirname;
/** The quick part tries one in this many of the mutants that a test of the store catches. */
const QUICK_STEP = 24;
/** A run that takes longer hangs. That counts as noticed, too. */
const PATIENCE_MILLISECONDS = 60_000;
const EXIT_UNPROVEN = 2;

export const mutants: Proof = {
  name: "mutants",
  promise: "if somebody breaks the store or a limit in any of these ways, a test or a proof fails",
  async prove({ size, log }) {
    const all = readBrokenServers(FOLDER);
    assert.ok(all.length >= 25);
    for (const { changes } of all) {
      for (const change of changes) changed(readFileSync(join(REPOSITORY, change.file), "utf8"), change);
    }
    const ofTests = all.filter(({ caughtBy }) => caughtBy.endsWith(".test.ts"));
    const wanted = size === "whole" ? all : ofTests.filter((_, i) => i % QUICK_STEP === 0);
    // `npm test` already shows that the tests pass when nothing is broken.
    const catchers = [...new Set(wanted.map(({ caughtBy }) => caughtBy))].filter(isProof);
    const cannotRun = new Set<string>();
    await atOnce(catchers, availableParallelism(), async (catcher) => {
      const { code, output } = await run(commandOf(catcher));
      if (code === EXIT_UNPROVEN) cannotRun.add(catcher);
      else assert.equal(code, 0, `${catcher} fails although nothing is broken:\n${output}`);
    });
    const tried = wanted.filter(({ caughtBy }) => !cannotRun.has(caughtBy));
    const survivors: string[] = [];
    await atOnce(tried, availableParallelism(), async (mutant) => {
      const loaded = await run(loading(mutant), mutant.name);
      assert.equal(loaded.code, 0, `${mutant.name} does not even load:\n${loaded.output}`);
      const isCaught = (await run(commandOf(mutant.caughtBy), mutant.name)).code !== 0;
      log(`${isCaught ? "caught" : "NOT CAUGHT"}: ${mutant.name}, by ${mutant.caughtBy}`);
      if (!isCaught) survivors.push(mutant.name);
    });
    const figure = `${tried.length - survivors.length} caught of ${tried.length}`;
    assert.deepEqual(survivors, [], figure);
    if (cannotRun.size > 0) throw new Unproven(`${figure}; ${[...cannotRun].join(", ")} cannot run here`);
    return figure;
  },
};

function isProof(catcher: string): boolean {
  return catcher.startsWith("proof ");
}

function commandOf(catcher: string): string[] {
  const proof = /^proof (.+)$/.exec(catcher)?.[1];
  return proof === undefined ? ["--test", catcher] : ["prove/run.ts", "--quick", proof];
}

/** Loads the changed files. A mutant that does not even load would be noticed by any test. */
function loading({ changes }: BrokenServer): string[] {
  return [
    "-e",
    `await Promise.all(${JSON.stringify(changes.map(({ file }) => `./${file}`))}.map((file) => import(file)))`,
  ];
}

/** Runs Node with a mutant, also in all processes that it starts. A run that takes too long is killed: exit code 1. */
async function run(command: string[], mutant?: string): Promise<{ code: number; output: string }> {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  // Otherwise a test runner inside a test would only say that it is inside a test.
  delete environment.NODE_TEST_CONTEXT;
  if (mutant !== undefined) {
    environment.PLAINCHAT_BROKEN = `prove/mutants/${mutant}`;
    environment.NODE_OPTIONS = `--import=${join(REPOSITORY, "check/broken/break.ts")}`;
  }
  const child = spawn(process.execPath, command, { cwd: REPOSITORY, env: environment, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const impatience = setTimeout(() => killAll(child.pid), PATIENCE_MILLISECONDS);
  const [code] = await once(child, "exit");
  clearTimeout(impatience);
  killAll(child.pid);
  return { code: code ?? 1, output };
}

/** Kills what is left of a process and of everything it started, such as the servers of a test that was killed. */
function killAll(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, "SIGKILL");
  } catch {
    // Nothing is left.
  }
}
