/**
 * Tests the check against real servers. Each server of check/broken has one bug, and the case meant for that bug must
 * be the first to fail. The real server must pass everything.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { readBrokenServers } from "../../check/broken/broken-server.ts";
import { freePort } from "../../check/node/free-port.ts";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { ServerUnderTest } from "../../check/node/server-under-test.ts";
import { countIn, failuresIn, type Report, runCheck } from "../../check/run-check.ts";
import { loadStages } from "../../check/stages.ts";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const FOLDER = join(REPOSITORY, "check/broken");
/** The servers mostly wait for the disk or for time to pass, so several run at once. */
const AT_ONCE = 4;

/** Starts a server, with or without a bug, and checks it up to the first failure, in one stage or in all. */
async function check(t: TestContext, broken?: string, only?: number): Promise<Report> {
  const root = await temporaryFolder(t);
  const url = `http://127.0.0.1:${await freePort()}`;
  const options = broken === undefined ? "" : `--import "${join(FOLDER, "break.ts")}"`;
  const flags = `--root "${root}" --port ${new URL(url).port}`;
  const command = `"${process.execPath}" ${options} "${join(REPOSITORY, "server/main.ts")}" ${flags}`;
  const server = new ServerUnderTest(command, url, { environment: { PLAINCHAT_BROKEN: broken } });
  atEnd(t, () => server.kill());
  await server.start();
  const secret = readFileSync(join(root, "users", "secret.dat"), "utf8").trim();
  const surroundings = {
    url,
    secret,
    profile: "full" as const,
    patienceMilliseconds: 5000,
    exchange: httpExchange,
    restart: () => server.restart(),
  };
  return runCheck({ surroundings, stages: loadStages(), only, all: false });
}

test("the real server passes everything", async (t) => {
  const report = await check(t);
  const [failed] = failuresIn(report);
  assert.deepEqual(failed?.failure?.mistakes, undefined, failed?.case.id);
  assert.equal(countIn(report, "waiting"), 0);
  assert.ok(report.stages.every(({ notAsked }) => notAsked === undefined));
  assert.ok(countIn(report, "passed") > 200);
});

test("a name that no broken server has gets a sentence", () => {
  for (const [name, place] of [
    ["nonsense", "check/broken"],
    ["", "check/broken"],
    ["prove/mutants/nonsense", "prove/mutants"],
    ["nowhere/nonsense", "nowhere"],
  ]) {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--import", pathToFileURL(join(FOLDER, "break.ts")).href, join(REPOSITORY, "server/main.ts"), "--port", "0"],
      { env: { ...process.env, PLAINCHAT_BROKEN: name }, encoding: "utf8", timeout: 20_000 },
    );
    assert.equal(status, 1, stdout);
    assert.equal(stderr, `There is no broken server "${name}". Set PLAINCHAT_BROKEN to a "name" in ${place}/*.json\n`);
  }
});

const stages = loadStages();
const brokenServers = readBrokenServers(FOLDER);

test("every server with a bug fails first at the case meant for that bug", { concurrency: AT_ONCE }, async (t) => {
  assert.ok(brokenServers.length >= 30);
  assert.equal(
    new Set(brokenServers.map(({ name }) => name)).size,
    brokenServers.length,
    "no two bugs have the same name",
  );
  await Promise.all(
    brokenServers.map(({ name, caughtBy }) =>
      t.test(name, async (each) => {
        const stage = stages.find(({ cases }) => cases.some(({ id }) => id === caughtBy))?.stage;
        assert.notEqual(stage, undefined, `there is no case ${caughtBy}`);
        const [failed] = failuresIn(await check(each, name, stage));
        assert.equal(failed?.case.id, caughtBy, failed?.failure?.mistakes.join("; "));
      }),
    ),
  );
});
