/**
 * For each kind of change, makes every system call that changes a file fail once in each way it can fail, and kills the
 * process at it once. What the server then says must be true, before and after the next start.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { Ending } from "../../testing/at-end.ts";
import { send } from "../../testing/request.ts";
import { atOnce } from "../at-once.ts";
import { Actions, Unanswered } from "../load/actions.ts";
import { assertOrderly, type Ledger } from "../load/ledger.ts";
import { ACTS, type Act, newScene, people } from "../load/single-acts.ts";
import type { Proof } from "../proof.ts";
import { CHANGING_CALLS, type ChangingCall, type Injection, requireStrace } from "./attach.ts";
import { readTrace, type SystemCall } from "./trace-file.ts";
import { makeTemplate, prepareTrial, type Template, type Trial, watch } from "./trial.ts";

const ERRORS = ["EIO", "ENOSPC", "EROFS", "EMFILE", "kill"];
/** Trials wait more than they compute, so there are more of them than processors. */
const TRIALS_AT_ONCE = 6;
const TRIES = 4;
/** The quick part tries one in this many acts: even to find out which calls an act makes, its server must start. */
const STEP_OF_ACTS = { quick: 3, whole: 1 };
const QUICK_TRIALS = 8;
/** One second, as docs/spec.md says, and a little more for a busy machine. */
const NOTICED_WITHIN_MILLISECONDS = 1500;
const PATIENCE_MILLISECONDS = 10_000;

interface Place {
  act: Act;
  injection: Injection;
}

export const systemCalls: Proof = {
  name: "system-calls",
  promise:
    "whichever system call fails, and wherever the process is killed, every reply is true and nothing is half written",
  async prove({ size, ending, log }) {
    requireStrace();
    const template = await makeTemplate(ending);
    const acts = ACTS.filter((_, i) => i % STEP_OF_ACTS[size] === 0);
    const all = (await atOnce(acts, 2, (act) => placesOf(ending, template, act))).flat();
    const step = size === "quick" ? Math.max(1, Math.floor(all.length / QUICK_TRIALS)) : 1;
    const places = all.filter((_, i) => i % step === 0);
    const count = { tried: 0, "not reached": 0, killed: 0, refused: 0, answered: 0, exited: 0 };
    const wrong: string[] = [];
    await atOnce(places, TRIALS_AT_ONCE, async (place) => {
      try {
        let outcome = await tryPlace(ending, template, place);
        // Sometimes the server looks at a file one time fewer, above all on a busy computer. Another try then reaches it.
        for (let i = 1; i < TRIES && outcome === "not reached"; i++) outcome = await tryPlace(ending, template, place);
        count[outcome]++;
      } catch (error) {
        const { act, injection } = place;
        wrong.push(
          `${act.name}, ${injection.error} at ${injection.call} ${injection.occurrence}: ${sentenceIn(error)}`,
        );
      }
      count.tried++;
      if (count.tried % 50 === 0) log(`${count.tried} of ${places.length}`);
    });
    assert.deepEqual(wrong, [], `${wrong.length} of ${count.tried} are wrong`);
    assert.ok(count["not reached"] <= Math.ceil(places.length / 50), `${count["not reached"]} were not reached`);
    const outcomes = Object.entries(count).map(([name, times]) => `${times} ${name}`);
    return `${acts.length} kinds of change: ${outcomes.join(", ")}; 0 wrong`;
  },
};

/** Every system call of an act on the server's files, with every error. */
async function placesOf(ending: Ending, template: Template, act: Act): Promise<Place[]> {
  // Each second the server looks at its files. If that falls into the act, there are more calls than in a trial. So we
  // watch twice, and take what happens each time.
  const [one, other] = [await callsOf(ending, template, act), await callsOf(ending, template, act)];
  const places: Place[] = [];
  for (const [call, names] of Object.entries(CHANGING_CALLS)) {
    const ofName = ({ name }: SystemCall) => names.some((each) => each.replace("?", "") === name);
    const these = one.filter(ofName);
    const occurrences = Math.min(occurrencesIn(these), occurrencesIn(other.filter(ofName)));
    const relative = [...new Set(these.flatMap(({ paths }) => paths))];
    for (let occurrence = 1; occurrence <= occurrences; occurrence++) {
      for (const error of ERRORS) {
        places.push({ act, injection: { call: call as ChangingCall, occurrence, error, paths: relative } });
      }
    }
  }
  return places;
}

/** The calls of an act on the server's data, with their paths in its folder. */
async function callsOf(ending: Ending, template: Template, act: Act): Promise<SystemCall[]> {
  const trial = await prepareTrial(ending, template, act, ACTS.indexOf(act));
  const { trace } = await watch(ending, trial, act);
  await trial.server.stop("SIGKILL");
  // Only these two folders hold data. In other places the server looks again and again, in no fixed order.
  const isData = (path: string) => /^\/(users|messages)(\/|$)/.test(path);
  return readTrace(trace)
    .map((call) => ({ ...call, paths: call.paths.map((path) => path.replace(trial.root, "")).filter(isData) }))
    .filter(({ paths }) => paths.length > 0);
}

/** strace counts the calls of one name by one thread. */
function occurrencesIn(calls: SystemCall[]): number {
  const byThread = Map.groupBy(calls, ({ thread, name }) => `${thread} ${name}`);
  return Math.max(0, ...[...byThread.values()].map(({ length }) => length));
}

type Outcome = "not reached" | "killed" | "refused" | "answered" | "exited";

async function tryPlace(ending: Ending, template: Template, { act, injection }: Place): Promise<Outcome> {
  const trial = await prepareTrial(ending, template, act, ACTS.indexOf(act));
  const paths = injection.paths.map((path) => trial.root + path);
  trial.stopping.mayFail = true;
  try {
    const { trace, unanswered } = await watch(ending, trial, act, { ...injection, paths });
    const wasKilled = trace.includes("+++ killed by SIGKILL");
    if (!wasKilled && !trace.includes("(INJECTED)")) return "not reached";
    const outcome = wasKilled ? "killed" : await lookAtServer(trial, injection, unanswered?.status);
    if (outcome !== "killed" && outcome !== "exited") await trial.server.stop("SIGKILL");
    // A change refused because the disk is full was not stored, so nothing may be new.
    const known = unanswered?.status === 507 ? trial.scene.before : trial.ledger;
    const again = await trial.restart();
    await known.compare(again, trial.root);
    assert.equal(await again.stop("SIGTERM"), 0);
    await assertOrderly(trial.root);
    return outcome;
  } catch (error) {
    const { call, occurrence, error: what } = injection;
    throw new Error(
      `${act.name}, ${what} at ${call} ${occurrence}: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  } finally {
    await trial.server.stop("SIGKILL");
  }
}

/** Checks a server that was not killed: after a failed sync it must exit, otherwise it must go on and know its data. */
async function lookAtServer(trial: Trial, { call }: Injection, status: number | undefined): Promise<Outcome> {
  const { process } = trial.server;
  const isOver = () => process.exitCode !== null || process.signalCode !== null;
  if (call === "fsync" || call === "fdatasync") {
    if (!isOver()) await once(process, "exit", { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  }
  if (isOver()) {
    assert.equal(process.exitCode, 1, `it ended on its own: ${trial.server.output()}`);
    return "exited";
  }
  const { status: alive } = await send(trial.server.origin, { path: "/healthz" });
  assert.equal(alive, 200);
  // If it could not read something, it reads it again within a second. Then it must know the same as after a new start.
  if (call === "open") await setTimeout(NOTICED_WITHIN_MILLISECONDS);
  const known = status === 507 ? trial.scene.before : trial.ledger;
  await known.compare(trial.server, trial.root);
  await untilPublished(trial, known);
  return status === undefined ? "answered" : "refused";
}

/** After a fault has passed, everything must be changeable again. After a full disk this may take a moment. */
async function untilPublished({ server, stopping, scene: { root, number } }: Trial, ledger: Ledger): Promise<void> {
  const { steady, other } = people(newScene(new Actions(server, ledger, stopping), ledger, root, number));
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  const actions = new Actions(server, ledger, stopping);
  for (;;) {
    try {
      await actions.publish(other, steady);
      break;
    } catch (error) {
      if (!(error instanceof Unanswered) || error.status !== 507 || performance.now() > deadline) throw error;
      await setTimeout(100);
    }
  }
  await actions.rename(other, "goes-on");
  await actions.register("goes-on-too");
}

function sentenceIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
