/**
 * Tests that cases which run in each other's waiting time do the same as alone, and that each gets its own result.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Action, Case } from "./case.ts";
import { NoReply, type NotRestarted } from "./exchange/exchange.ts";
import { type CaseResult, runCheck } from "./run-check.ts";

const NOT_RESTARTED: NotRestarted = {
  why: "ended",
  sentence: "Your server ended before it listened",
  process: { isRunning: false, exitCode: 1, lastLines: [], isListening: false },
};

function get(path: string, status = 200): Action {
  return { send: `GET /${path}`, expect: { status } };
}

function caseOf(id: string, ...actions: Action[]): Case {
  return { id, title: "", steps: [], do: actions, hint: "" };
}

function restarting(id: string, restart: true | "shared"): Case {
  return caseOf(id, get(`${id}-before`), { restart }, get(`${id}-after`));
}

interface Options {
  all?: boolean;
  /** What the server answers, by path, if not 200. "crash" ends it until it is started again. */
  answers?: Record<string, number | "crash">;
  problem?: NotRestarted;
}

/** Runs cases against a server in memory. @returns what it saw, in order, and the outcomes. */
async function run(cases: Case[], { all = true, answers = {}, problem }: Options = {}) {
  const saw: string[] = [];
  let isRunning = true;
  const { stages } = await runCheck({
    surroundings: {
      ...{ url: "http://127.0.0.1:8000", secret: "river-candle-orbit-maple", profile: "full" as const },
      patienceMilliseconds: 100,
      exchange: {
        send: async ({ url }) => {
          const { pathname, searchParams } = new URL(url);
          const path = pathname.slice(1);
          saw.push(path);
          const until = searchParams.get("until");
          do await setTimeout(until === null ? 5 : 1);
          while (until !== null && !saw.includes(until));
          if (!isRunning) throw new NoReply("Nothing listens", "unreachable");
          const status = answers[path] ?? 200;
          isRunning = status !== "crash";
          if (status === "crash") throw new NoReply("The server closed the connection.");
          return { status, headers: {}, text: "{}", milliseconds: 1 };
        },
        open: () => Promise.reject(new NoReply("no streams")),
      },
      restart: async () => {
        saw.push("restart");
        isRunning = problem === undefined;
        return problem;
      },
    },
    stages: [{ stage: 7, name: "restart", cases }],
    all,
  });
  const results = stages.flatMap((stage) => stage.results);
  return { saw: saw.join(" "), outcomes: results.map(({ outcome }) => outcome).join(" "), results };
}

function mistakeOf(result: CaseResult | undefined): string | undefined {
  return result?.failure?.mistakes[0];
}

const three = [restarting("a", "shared"), restarting("b", "shared"), restarting("c", true)];

test("cases that share a restart wait for each other, and the last one is not interrupted", async () => {
  const { saw, outcomes } = await run([...three, restarting("d", "shared")]);
  assert.equal(saw, "a-before b-before c-before restart c-after b-after a-after d-before restart d-after");
  assert.equal(outcomes, "passed passed passed passed");
});

test("a restart is not shared with a case that restarts several times, or does not ask for it", async () => {
  const twice = caseOf("twice", { restart: true }, get("between"), { restart: true });
  assert.equal((await run([restarting("a", "shared"), twice])).saw, "a-before restart a-after restart between restart");
  const alone = await run([restarting("a", true), restarting("b", true)]);
  assert.equal(alone.saw, "a-before restart a-after b-before restart b-after");
});

test("a case that fails before the restart stops no other, and each has its own mistake", async () => {
  for (const [answers, outcomes, at, restarts] of [
    [{ "a-before": 404 }, "failed passed passed", 0, 1],
    [{ "b-before": 404 }, "passed failed passed", 1, 1],
    [{ "c-before": 404 }, "passed passed failed", 2, 1],
    // In the end, the failed case runs once more, with a restart of its own.
    [{ "b-after": 404 }, "passed failed passed", 1, 2],
  ] as const) {
    const came = await run(three, { answers });
    assert.equal(came.outcomes, outcomes);
    assert.match(mistakeOf(came.results[at]) ?? "", /should be 200, but it is 404/);
    assert.equal(came.saw.match(/restart/g)?.length, restarts);
  }
});

test("without --all, the first failure in the order of the cases is the only one", async () => {
  const answers = { "a-after": 404, "b-after": 410, "c-after": 410 };
  const { outcomes, results } = await run(three, { all: false, answers });
  assert.equal(outcomes, "failed waiting waiting");
  assert.match(mistakeOf(results[0]) ?? "", /404/);
  const { saw } = await run([...three, caseOf("d", get("d"))], { all: false, answers: { "c-before": 404 } });
  assert.equal(saw, "a-before b-before c-before restart b-after a-after c-before", "nothing begins after a failure");
});

test("a server that does not come back fails one case, and none passes", async () => {
  for (const all of [true, false]) {
    const { outcomes, results, saw } = await run(three, { all, problem: NOT_RESTARTED });
    assert.equal(outcomes, "waiting waiting failed");
    assert.equal(mistakeOf(results[2]), NOT_RESTARTED.sentence);
    assert.equal(saw, "a-before b-before c-before restart");
  }
});

test("a crash is blamed on the case that caused it", async () => {
  const { outcomes } = await run(three, { answers: { "b-after": "crash" } });
  assert.equal(outcomes, "waiting failed passed");
});

const waiting = (until: string): Action[] => [
  { begin: "wait", request: { send: `GET /wait?until=${until}` } },
  { meanwhile: "wait" },
  { finish: "wait", expect: { status: 200 } },
];

test("while a case waits, the next ones run", async () => {
  const pair = (id: string) => caseOf(id, get(id), get(`${id}-end`));
  const began = performance.now();
  const cases = [caseOf("a", ...waiting("c"), get("a-end")), pair("b"), pair("c"), pair("d")];
  const { saw, outcomes, results } = await run(cases);
  assert.equal(saw, "wait b b-end c c-end a-end d d-end");
  assert.equal(outcomes, "passed passed passed passed");
  const sum = results.reduce((total, { milliseconds }) => total + milliseconds, 0);
  assert.ok(sum <= performance.now() - began, "no time counts twice");
});

test("a case that waits alone waits, and a failure meanwhile is not its own", async () => {
  assert.equal((await run([caseOf("a", ...waiting("wait"), get("a-end"))])).saw, "wait a-end");
  const cases = [caseOf("a", ...waiting("b")), caseOf("b", get("b", 404)), caseOf("c", get("c"))];
  assert.equal((await run(cases)).outcomes, "passed failed passed");
  assert.equal((await run(cases, { all: false })).outcomes, "passed failed waiting");
});
