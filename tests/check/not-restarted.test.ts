/**
 * The report about a server that cannot be started again says what happened, and does not guess about its data.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NoReply, type Torn } from "../../check/exchange/exchange.ts";
import { reportText } from "../../check/report/report-text.ts";
import { failuresIn, runCheck } from "../../check/run-check.ts";

const process = { isRunning: false, exitCode: 1, lastLines: ["Address already in use"], isListening: false };
const base = { url: "http://127.0.0.1:8000", secret: "river-candle-orbit-maple", profile: "full" as const };
const reply = { status: 200, headers: {}, text: "{}", milliseconds: 1 };

test("a port that is still taken is neither a crash nor lost data", async () => {
  const restart = {
    id: "restart-it",
    title: "After a restart, all is there",
    steps: [],
    do: [{ send: "GET /" }, { restart: true as const }],
    hint: "Memory is lost when a server stops.",
  };
  const report = await runCheck({
    surroundings: {
      ...base,
      patienceMilliseconds: 100,
      exchange: { send: async () => reply, open: () => Promise.reject(new NoReply("no streams")) },
      restart: async () => ({ why: "port taken", sentence: "port 8000 was still taken", process }),
    },
    stages: [{ stage: 7, name: "restart", cases: [restart] }],
    all: false,
  });
  const [failed] = failuresIn(report);
  assert.equal(failed?.failure?.notRestarted, "port taken");
  assert.deepEqual(failed?.failure?.process, process);
  const text = await reportText(report, { folder: undefined });
  assert.match(text, /Port 8000 was still taken\.\n {2}So the check could not see what your server still knows/);
  assert.match(text, /What to do: The system keeps the port/);
  assert.doesNotMatch(text, /Memory is lost|answered before|made it stop|crashed/);
});

test("a server that half a line ends gets the hint of the case, and its file is as before", async () => {
  let undone = 0;
  const tear = {
    id: "torn-line",
    title: "It survives half a line",
    steps: [],
    do: [{ tear: { send: "POST /api/v1/chat", body: { message: "the last one" } } }],
    hint: "Cut the half line off.",
  };
  const check = (torn: Torn | undefined, isBack: boolean) =>
    runCheck({
      surroundings: {
        ...base,
        patienceMilliseconds: 100,
        exchange: { send: async () => reply, open: () => Promise.reject(new NoReply("no streams")) },
        restart: async (whileStopped) => {
          await whileStopped?.();
          return isBack ? undefined : { why: "ended", sentence: "it ended before it listened", process };
        },
        files: { remember: async () => {}, tear: async () => torn },
      },
      stages: [{ stage: 7, name: "restart", cases: [tear] }],
      all: false,
    });
  const torn = {
    name: "data/journal.jsonl",
    undo: async () => {
      undone++;
    },
  };
  const text = await reportText(await check(torn, false), { folder: undefined });
  assert.match(
    text,
    /It ended before it listened\.\n {2}Before the start, the check wrote half a line at the end of data\/journal/,
  );
  assert.match(text, /What to do: Cut the half line off\./);
  assert.equal(undone, 1);
  const notAsked = await reportText(await check(undefined, true), { folder: undefined });
  assert.match(notAsked, /Cannot be asked of your server, and does not count: torn-line\n {2}The check found no file/);
  const passed = await reportText(await check(torn, true), { folder: undefined });
  assert.match(passed, /The one check passed/);
  assert.equal(undone, 1);
});
