/**
 * Tests the check itself. Two right servers, this one and the second one in Python, must pass everything, and stages 6
 * and 7 every time. Each version of this server with a bug must fail first at the case that is meant for the bug. Of the
 * versions of the second server with a bug, nearly all must fail.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { readBrokenServers } from "../../check/broken/broken-server.ts";
import { checkServer, firstFailureIn } from "../../check/node/check-server.ts";
import { firstFailure, readBugs } from "../../check/second-server/second-server.ts";
import { loadStages } from "../../check/stages.ts";
import { atOnce } from "../at-once.ts";
import { type Proof, Unproven } from "../proof.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const BROKEN = join(REPOSITORY, "check/broken");
/** The servers mostly wait for the disk or for time to pass, so several run at once. */
const AT_ONCE = 4;
/** Stages in which something may go wrong by chance. */
const BY_CHANCE = [6, 7];
const RUNS = { quick: 0, whole: 20 };
/** The quick part tries one in this many broken servers. */
const STEP_OF_BROKEN = { quick: 16, whole: 1 };
/** And these bugs of the second server, which show every time. Others show by chance, or not on a busy machine. */
const QUICK_BUGS = [
  "reply-without-a-length",
  "json-twice",
  "read-box-empty",
  "messages-of-who-left-go-with-a-restart",
  "sixteen-threads-for-everything",
];
const MIN_CAUGHT = 0.95;

const stages = loadStages();

export const check: Proof = {
  name: "check",
  promise: "the check lets right servers pass every time, and catches wrong ones",
  async prove({ size, log }) {
    if (spawnSync("python3", ["--version"]).status !== 0) throw new Unproven("Python is missing (apt install python3)");
    const right = [
      ["this server", ourFailure],
      ["the second server", secondFailure],
    ] as const;
    // Each waits for its own disk and its own time.
    await atOnce(right, right.length, async ([name, failure]) => {
      assert.equal(await failure(), undefined, `${name} is right`);
      for (const stage of BY_CHANCE) {
        for (let run = 1; run <= RUNS[size]; run++) {
          assert.equal(await failure(stage), undefined, `${name} is right: stage ${stage}, run ${run}`);
        }
      }
      log(`${name}: everything passed, stages ${BY_CHANCE.join(" and ")} ${RUNS[size]} times more`);
    });

    const broken = readBrokenServers(BROKEN).filter((_, i) => i % STEP_OF_BROKEN[size] === 0);
    await atOnce(broken, AT_ONCE, async ({ name, caughtBy }) => {
      const stage = stages.find(({ cases }) => cases.some(({ id }) => id === caughtBy))?.stage;
      assert.notEqual(stage, undefined, `there is no case ${caughtBy}`);
      const failure = await ourFailure(stage, name);
      assert.equal(failure?.split(":")[0], caughtBy, `${name}: ${failure}`);
    });
    log(`${broken.length} versions of this server: each failed at its case`);

    const bugs = readBugs().filter(({ name }) => size === "whole" || QUICK_BUGS.includes(name));
    assert.ok(bugs.length >= QUICK_BUGS.length, "each bug of the quick part is there");
    const missed: string[] = [];
    await atOnce(bugs, AT_ONCE, async (bug) => {
      const failure = await firstFailure(bug, stages);
      if (failure === undefined) missed.push(bug.name);
      log(`${bug.name}: ${failure ?? "NOT CAUGHT"}`);
    });
    const caught = bugs.length - missed.length;
    assert.ok(caught >= MIN_CAUGHT * bugs.length, `${caught} of ${bugs.length} bugs caught; not: ${missed.join(", ")}`);
    return (
      `2 right servers passed ${1 + RUNS[size]} times; ${broken.length} of ${broken.length} broken servers failed at ` +
      `their case; ${caught} of ${bugs.length} bugs of the second server caught`
    );
  },
};

/** @returns the case that failed first, with what was wrong. @param broken the name of a server in check/broken. */
async function ourFailure(only?: number, broken?: string): Promise<string | undefined> {
  const loaded = broken === undefined ? "" : `--import "${join(BROKEN, "break.ts")}"`;
  const report = await checkServer({
    command: (root, port) =>
      `"${process.execPath}" ${loaded} "${join(REPOSITORY, "server/main.ts")}" --root "${root}" --port ${port}`,
    environment: { PLAINCHAT_BROKEN: broken },
    stages,
    only,
  });
  return firstFailureIn(report);
}

function secondFailure(only?: number): Promise<string | undefined> {
  return firstFailure(undefined, stages, only);
}
