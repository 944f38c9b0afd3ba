/**
 * The tests are put to the test: the store is broken in one small way after the other, each described in the files of
 * prove/mutants, and each must be noticed by the test or the proof that is meant for it. What survives is a missing test.
 *
 * Nothing is copied or written: the change is put into the source at the moment that Node reads it (check/broken/break.ts).
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
/** For the quick part: one of so many of those that a test of the store catches. */
const QUICK_STEP = 12;
/** What takes longer hangs, and that is noticed, too. */
const PATIENCE_MILLISECONDS = 60_000;
const EXIT_UNPROVEN = 2;

export const mutants: Proof = {
  name: "mutants",
  promise: "whoever breaks the store, in any of these ways, is told by a test",
  async prove({ size, log }) {
    const all = readBrokenServers(FOLDER);
    assert.ok(all.length >= 25);
    for (const { changes } of all) {
      for (const change of changes) changed(readFileSync(join(REPOSITORY, change.file), "utf8"), change);
    }
    const ofTests = all.filter(({ caughtBy }) => caughtBy.endsWith(".test.ts"));
    const wanted = size === "whole" ? all : ofTests.filter((_, i) => i % QUICK_STEP === 0);
    // That the tests pass when nothing is broken, `npm test` shows.
    const catchers = [...new Set(wanted.map(({ caughtBy }) => caughtBy))].filter(isProof);
    const cannotRun = new Set<string>();
    await atOnce(catchers, availableParallelism(), async (catcher) => {
      const { code, output } = await run(commandOf(catcher));
      if (code === EXIT_UNPROVEN) cannotRun.add(catcher);
      else assert.equal(code, 0, `${catcher} fails although nothing was broken:\n${output}`);
    });
    const tried = wanted.filter(({ caughtBy }) => !cannotRun.has(caughtBy));
    const survivors: string[] = [];
    await atOnce(tried, availableParallelism(), async (mutant) => {
      const loaded = await run(loading(mutant), mutant.name);
      assert.equal(loaded.code, 0, `${mutant.name} cannot even be loaded:\n${loaded.output}`);
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

/** A mutant that is no program at all would be noticed by anything. */
function loading({ changes }: BrokenServer): string[] {
  return [
    "-e",
    `await Promise.all(${JSON.stringify(changes.map(({ file }) => `./${file}`))}.map((file) => import(file)))`,
  ];
}

/** Runs Node, with a mutant in it and in all that it starts. What takes too long is ended, and has the exit code 1. */
async function run(command: string[], mutant?: string): Promise<{ code: number; output: string }> {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  // Otherwise a test runner within a test would only say that it is within a test.
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

/** Ends what is left of a process and of all that it has started, such as servers of a test that was ended. */
function killAll(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, "SIGKILL");
  } catch {
    // Nothing is left.
  }
}
