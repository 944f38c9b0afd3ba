/**
 * Tests `plainchat check --lesson N --report`: what it says about the course, to whom, and that the check goes on if the
 * class cannot be told. And `plainchat progress`, which shows what the class knows.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { Case } from "../../check/case.ts";
import { lessonsUpTo } from "../../check/lessons.ts";
import type { CaseResult, Report, StageResult } from "../../check/run-check.ts";
import { courseResult } from "../../cli/check/course-progress.ts";
import { reportsAfter } from "../../cli/check/report-progress.ts";
import { EXIT } from "../../cli/cli-error.ts";
import { atEnd } from "../../testing/at-end.ts";
import { machine } from "../../testing/machine.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

type Outcome = CaseResult["outcome"];

function lesson(stage: number, outcomes: Outcome[], needsStart: string[] = []): StageResult {
  const results = outcomes.map((outcome, i) => {
    return { case: { id: `case-${stage}-${i + 1}` } as Case, outcome, milliseconds: 1 };
  });
  return { stage, isLesson: true, name: "", needsStart, results };
}

function reportOf(...stages: StageResult[]): Report {
  return { url: "http://127.0.0.1:8000", profile: "full", stages, notes: [] };
}

test("courseResult() counts each lesson for itself, and stops at the first failure", () => {
  const stopped = reportOf(
    lesson(1, ["passed"]),
    lesson(2, ["passed", "cannot be asked"]),
    lesson(3, ["passed", "failed", "waiting", "cannot be asked"]),
    lesson(4, ["waiting", "waiting"]),
  );
  assert.deepEqual(courseResult(stopped), {
    passed: [
      { lesson: 1, passed: 1, total: 1 },
      { lesson: 2, passed: 1, total: 1 },
    ],
    stopsAt: { lesson: 3, case: "case-3-2", passed: 1, total: 3 },
  });
});

test("courseResult() does not call a lesson passed whose cases nobody could run, but goes on to the failure after it", () => {
  const open = [lesson(5, ["passed"]), lesson(6, ["passed"], ["restart"]), lesson(7, ["passed"])];
  assert.deepEqual(courseResult(reportOf(...open)), {
    passed: [
      { lesson: 5, passed: 1, total: 1 },
      { lesson: 7, passed: 1, total: 1 },
    ],
    stopsAt: { lesson: 6, case: "restart", passed: 1, total: 2 },
  });
  const { stopsAt } = courseResult(reportOf(...open, lesson(8, ["failed"])));
  assert.deepEqual(stopsAt, { lesson: 8, case: "case-8-1", passed: 0, total: 1 });
  const notInSeed = courseResult(reportOf(lesson(7, ["passed"]), lesson(8, [])));
  assert.deepEqual(notInSeed, { passed: [{ lesson: 7, passed: 1, total: 1 }], stopsAt: undefined });
});

test("only lessons that are new to the class are sent, and at the end where the server stops", () => {
  const run = reportOf(lesson(1, ["passed"]), lesson(2, ["passed"]), lesson(3, ["failed"]));
  const known = { passed: 1, total: 1, since: "2030-01-02T12:00:00.000Z" };
  const sent = (...passed: number[]) =>
    reportsAfter(run, { lessons: passed.map((each) => ({ ...known, lesson: each, passedAt: known.since })) }).map(
      (each) => each.lesson,
    );
  assert.deepEqual(sent(), [1, 2, 3]);
  assert.deepEqual(sent(1, 2), [3]);
  assert.deepEqual(sent(1, 2, 3), [3], "it fails again");
});

test("a server that is not running is where lesson 1 stops, and says nothing about a later one", () => {
  const away = reportOf(lesson(1, ["failed"]), lesson(2, ["waiting"]));
  const [answers] = away.stages[0]?.results ?? [];
  if (answers !== undefined) answers.failure = { noReply: "unreachable" } as NonNullable<CaseResult["failure"]>;
  assert.deepEqual(reportsAfter(away, { lessons: [] }), [{ lesson: 1, case: "case-1-1", passed: 0, total: 1 }]);
  const since = "2030-01-02T12:00:00.000Z";
  const passed = { lesson: 1, passed: 1, total: 1, since, passedAt: since };
  assert.deepEqual(reportsAfter(away, { lessons: [passed] }), []);
});

test("the id of every case can be reported, and no lesson has too many", () => {
  for (const { cases } of lessonsUpTo(14)) {
    assert.ok(cases.length <= 500);
    for (const { id } of cases) assert.match(id, /^(?=.{1,64}$)[a-z0-9]+([.-][a-z0-9]+)*$/);
  }
});

/** A class, and a pupil's computer with the server that the pupil writes: it answers, and no more. */
async function startClass(t: TestContext) {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root, { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
  const here = await machine(t, server.origin);
  const joined = await here.run(["register", "ada", "--secret", server.secret]);
  assert.equal(joined.exitCode, 0, joined.error);
  const file = join(String(here.environment.XDG_CONFIG_HOME), "plainchat", "identities.json");
  const token: string = JSON.parse(await readFile(file, "utf8")).identities.ada.myAuth;
  /** Everything that the pupil's server is sent. */
  const heard: string[] = [];
  const own = createServer(async (request, response) => {
    const { authorization = "" } = request.headers;
    heard.push(`${request.url} ${Buffer.from(authorization.slice("Basic ".length), "base64")}`, await text(request));
    response.end("hello");
  });
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => own.close());
  const address = `127.0.0.1:${(own.address() as AddressInfo).port}`;
  // Somebody may have set this for the own server. It must not lead the token there.
  here.environment.PLAINCHAT_URL = `http://${address}`;
  const check = ["check", address, "--secret", "a-secret-of-twelve", "--lesson", "2", "--report"];
  const progress = () => here.run(["progress"], "", { PLAINCHAT_URL: server.origin });
  return { server, here, check, progress, token, heard };
}

test("the class knows where a pupil is after a run, and the pupil's own server never sees the pupil's token", async (t) => {
  const { here, server, check, progress, token, heard } = await startClass(t);
  assert.match((await progress()).out, /^Nothing yet\. .* --lesson 1 --report\n$/);
  const { exitCode, out, error } = await here.run(check);
  assert.equal(exitCode, EXIT.failed, error);
  assert.match(out, /\(register\)/);
  assert.equal(error, "The class knows: lesson 2 stops at register.\n");
  const shown = await progress();
  assert.match(shown.out, /^ {3}1 {2}passed \d\d:\d\d\n> {2}2 {2}register {2}0 of 2 checks, for 0 min\n$/);
  assert.ok(heard.length > 0 && !heard.join("\n").includes(token));
  const { lesson } = await here.json("progress", "--url", server.origin);
  assert.equal(lesson, 2);

  // With --watch, after each run.
  const terminal = here.terminal(...check, "--watch");
  const runs = (screen: string[]) => screen.join("").split("The class knows: lesson 2 stops at register.").length - 1;
  await terminal.until((screen) => runs(screen) === 1 && screen.join("").includes("Ctrl-C ends"), "the first run");
  terminal.type("\r");
  await terminal.until((screen) => runs(screen) === 2, "the second run");
  terminal.type("\x03");
});

test("if the class cannot be told, the check says so in one line and its result is the same", async (t) => {
  const { here, server, check } = await startClass(t);
  const stranger = await here.run(check, "", { XDG_CONFIG_HOME: await temporaryFolder(t) });
  assert.equal(stranger.exitCode, EXIT.failed);
  assert.match(stranger.error, /^Your progress could not be sent to the class: You are not registered .*\n$/);
  await server.stop("SIGTERM");
  const { exitCode, out, error } = await here.run(check);
  assert.equal(exitCode, EXIT.failed);
  assert.match(out, /\(register\)/);
  assert.match(error, /^Your progress could not be sent to http:\S+: .*\n$/);
  const inJson = await here.run([...check, "--json"]);
  assert.equal(JSON.parse(inJson.out).failed, 1);
});

test("--report needs --lesson", async (t) => {
  const { here, check } = await startClass(t);
  const { exitCode, error } = await here.run(check.filter((each) => !["--lesson", "2"].includes(each)));
  assert.equal(exitCode, EXIT.usage);
  assert.match(error, /^plainchat: --report needs --lesson/);
});
