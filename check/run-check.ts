/**
 * Runs the check: stage by stage, case by case, up to the first failure or through all of them. It returns a report,
 * which the files in report/ print. cli/commands/check.ts calls it.
 */
import { whyNotAsked } from "./cannot-be-asked.ts";
import type { Case, Stage } from "./case.ts";
import { Witness } from "./exchange/witness.ts";
import type { Profile } from "./match/expectation.ts";
import type { Failure } from "./report/failure.ts";
import { runCase, type Surroundings } from "./run-case.ts";
import { type Turn, Turns } from "./turns.ts";

interface CheckOptions {
  surroundings: Surroundings;
  stages: Stage[];
  /** Runs only this stage; stage 0 always runs first. */
  only?: number | undefined;
  /** Goes on after a failure. */
  all: boolean;
  /** Called after each case. */
  onProgress?: (done: number, of: number) => void;
}

export interface CaseResult {
  case: Case;
  outcome: "passed" | "failed" | "waiting" | "cannot be asked";
  /** Why it cannot be asked, in a sentence. */
  why?: string | undefined;
  failure?: Failure;
  /** The last step that the server reached, if its Server-Timing says so. */
  reached?: string | undefined;
  milliseconds: number;
}

export interface StageResult {
  stage: number;
  isLesson?: true | undefined;
  name: string;
  /** Why the stage was not run. */
  notAsked?: string;
  /** The ids of cases that were not run, because nobody can restart the server. */
  needsStart?: string[];
  results: CaseResult[];
}

export interface Report {
  url: string;
  profile: Profile;
  stages: StageResult[];
  /** What the seed leaves open, and which answers the check accepts. */
  notes: string[];
}

/** Stage 0 and the first lesson have only this case. */
const FIRST_CASE = "answers";

export async function runCheck(options: CheckOptions): Promise<Report> {
  const { all, onProgress } = options;
  const { surroundings } = options;
  const runner = new Runner(surroundings);
  const stages = options.stages.map((stage) => asked(stage, options));
  const of = stages.reduce((sum, { results }) => sum + results.length, 0);
  let done = 0;
  let hasFailed = false;
  let isUnreachable = false;
  for (const { results } of stages) {
    const run = async (result: CaseResult, turn: Turn) => {
      await runner.run(result, turn);
      done++;
      onProgress?.(done, of);
      hasFailed ||= result.outcome === "failed";
      isUnreachable ||=
        result.failure?.noReply === "unreachable" ||
        (result.case.id === FIRST_CASE && result.failure?.reply === undefined && hasFailed);
    };
    // Without a server, every other case would fail the same way.
    const turns = new Turns(results, surroundings.restart, run, () => isUnreachable || (hasFailed && !all));
    while (await turns.next()) {
      if (!all) keepFirstFailure(results);
      await runner.runFailedAgain();
    }
  }
  const { url, profile } = surroundings;
  const cases = stages.flatMap(({ results }) => results.map((result) => result.case));
  const notes = profile === "seed" ? [...new Set(cases.flatMap(({ seedNote }) => seedNote ?? []))] : [];
  return { url, profile, stages, notes };
}

/** @returns the results that failed, in order. */
export function failuresIn({ stages }: Report): CaseResult[] {
  return stages.flatMap(({ results }) => results.filter(({ outcome }) => outcome === "failed"));
}

/** @returns why the stage `only` was not run, or undefined if it was. */
export function whyNotRun({ stages }: Report, only: number | undefined): string | undefined {
  return stages.find(({ stage }) => stage === only)?.notAsked;
}

/** @returns the number of results with this outcome. */
export function countIn({ stages }: Report, outcome: CaseResult["outcome"]): number {
  return stages.flatMap(({ results }) => results).filter((result) => result.outcome === outcome).length;
}

function asked({ cases, ...part }: Stage, { only, surroundings }: CheckOptions): StageResult {
  if (only !== undefined && part.stage !== only && part.stage !== 0)
    return { ...part, notAsked: "not asked for", results: [] };
  const inProfile = cases.filter((each) => surroundings.profile === "full" || each.seed === true);
  if (inProfile.length === 0) return { ...part, notAsked: "not part of the seed", results: [] };
  const runs = inProfile.filter((each) => surroundings.restart !== undefined || !restarts(each));
  const needsStart = inProfile.filter((each) => !runs.includes(each)).map(({ id }) => id);
  if (runs.length === 0) {
    return { ...part, notAsked: 'needs --start "COMMAND" to restart your server', needsStart, results: [] };
  }
  const results = runs.map((each) => ({ case: each, outcome: "waiting" as const, milliseconds: 0 }));
  return { ...part, ...(needsStart.length > 0 && { needsStart }), results };
}

function restarts({ do: actions }: Case): boolean {
  return actions.some((action) => "restart" in action || "underFire" in action || "tear" in action);
}

/** Those after the first failure count as not run, also if they ran while an earlier case waited. */
function keepFirstFailure(results: CaseResult[]): void {
  const first = results.findIndex(({ outcome }) => outcome === "failed");
  if (first === -1) return;
  for (const result of results.slice(first + 1)) {
    result.outcome = "waiting";
    delete result.failure;
    delete result.reached;
    delete result.why;
  }
}

/** Runs cases, and completes their results. */
class Runner {
  readonly #surroundings: Surroundings;
  readonly #witness: Witness;
  /** The time of all cases so far. */
  #milliseconds = 0;
  /** How many cases have failed because no reply came. */
  #noReplies = 0;
  #failed: CaseResult[] = [];

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#witness = new Witness(surroundings.exchange, surroundings.secret);
  }

  async run(result: CaseResult, turn: Turn): Promise<void> {
    const began = performance.now() - this.#milliseconds;
    const noReplies = this.#noReplies;
    const exchange = this.#witness.forCase();
    const failure = await runCase(result.case, { ...this.#surroundings, ...turn, exchange });
    // Other cases may have run meanwhile. Their time is not counted twice.
    result.milliseconds = performance.now() - began - this.#milliseconds;
    this.#milliseconds += result.milliseconds;
    // A case that ran meanwhile has made the server crash: it gets the blame, and this one counts as not run.
    if (failure?.noReply !== undefined && this.#noReplies > noReplies) return;
    result.why = failure === undefined ? undefined : whyNotAsked(failure);
    result.outcome = failure === undefined ? "passed" : result.why === undefined ? "failed" : "cannot be asked";
    if (failure === undefined || result.why !== undefined) return;
    if (failure.noReply !== undefined) this.#noReplies++;
    result.failure = failure;
    if (failure.request !== undefined) {
      failure.place = exchange.placeOf(failure.request);
      failure.known = this.#witness.knownBefore(failure.request);
    }
    const mayBeEnding = failure.noReply !== undefined && !["too late", "no end"].includes(failure.noReply);
    const process = failure.process ?? (await this.#surroundings.processNow?.(mayBeEnding));
    if (process !== undefined) failure.process = process;
    this.#failed.push(result);
  }

  /** Call it while no case is running: a case that restarts the server would disturb the others. */
  async runFailedAgain(): Promise<void> {
    for (const result of this.#failed.splice(0)) {
      const { failure } = result;
      const exchange = this.#witness.forCase();
      const surroundings = { ...this.#surroundings, exchange };
      if (failure !== undefined) result.reached = await lastStepReached(result.case, failure, surroundings);
    }
  }
}

/** Runs a failed case once more, with `Explain: 1`, to learn which step the server reaches. */
async function lastStepReached(each: Case, failure: Failure, surroundings: Surroundings): Promise<string | undefined> {
  if (failure.reply === undefined) return undefined;
  const again = await runCase(each, { ...surroundings, explain: true });
  const timing = again?.reply?.headers["server-timing"] ?? "";
  return timing
    .split(",")
    .map((row) => /^\s*([a-z]+\.[a-z]+\.[\d.]+)(?:;|$)/.exec(row)?.[1])
    .findLast((id) => id !== undefined);
}
