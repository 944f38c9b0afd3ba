/**
 * Runs the check: stage after stage, case after case, up to the first that fails, or all of them. What comes out is a
 * report, which others print.
 */
import type { Case, Stage } from "./case.ts";
import type { Profile } from "./match/expectation.ts";
import type { Failure } from "./report/failure.ts";
import { runCase, type Surroundings } from "./run-case.ts";

export interface CheckOptions {
  surroundings: Surroundings;
  stages: Stage[];
  /** Only this stage; 0 comes before it in any case. */
  only?: number | undefined;
  /** Goes on behind a failure. */
  all: boolean;
  /** Called when a case has ended. */
  onProgress?: (done: number, of: number) => void;
}

export interface CaseResult {
  case: Case;
  outcome: "passed" | "failed" | "waiting";
  failure?: Failure;
  /** The last step that the server says it reached, where it says so. */
  reached?: string | undefined;
  milliseconds: number;
}

export interface StageResult {
  stage: number;
  name: string;
  /** Why it was not asked for, where it was not. */
  notAsked?: string;
  results: CaseResult[];
}

export interface Report {
  url: string;
  profile: Profile;
  stages: StageResult[];
  /** What the seed leaves open, and what is accepted for it. */
  notes: string[];
}

export async function runCheck(options: CheckOptions): Promise<Report> {
  const { surroundings, all, onProgress } = options;
  const stages = options.stages.map((stage) => asked(stage, options));
  const of = stages.reduce((sum, { results }) => sum + results.length, 0);
  let done = 0;
  let hasFailed = false;
  let isUnreachable = false;
  for (const { stage, results } of stages) {
    for (const result of results) {
      // Without a server, or with a stage that fails, there is no point in going on.
      if (isUnreachable || (hasFailed && !all)) continue;
      await run(result, surroundings);
      done++;
      onProgress?.(done, of);
      hasFailed ||= result.outcome === "failed";
      isUnreachable ||=
        result.failure?.noReply === "unreachable" || (stage === 0 && result.failure?.reply === undefined && hasFailed);
    }
  }
  const { url, profile } = surroundings;
  const cases = stages.flatMap(({ results }) => results.map((result) => result.case));
  const notes = profile === "seed" ? [...new Set(cases.flatMap(({ seedNote }) => seedNote ?? []))] : [];
  return { url, profile, stages, notes };
}

/** What has failed, in order. */
export function failuresIn({ stages }: Report): CaseResult[] {
  return stages.flatMap(({ results }) => results.filter(({ outcome }) => outcome === "failed"));
}

/** Why a stage was not run that was named, where it was not. */
export function whyNotRun({ stages }: Report, only: number | undefined): string | undefined {
  return stages.find(({ stage }) => stage === only)?.notAsked;
}

/** How many results of a kind there are. */
export function countIn({ stages }: Report, outcome: CaseResult["outcome"]): number {
  return stages.flatMap(({ results }) => results).filter((result) => result.outcome === outcome).length;
}

function asked({ stage, name, cases }: Stage, { only, surroundings }: CheckOptions): StageResult {
  if (only !== undefined && stage !== only && stage !== 0)
    return { stage, name, notAsked: "not asked for", results: [] };
  const inProfile = cases.filter((each) => surroundings.profile === "full" || each.seed === true);
  if (inProfile.length === 0) return { stage, name, notAsked: "the seed says nothing of it", results: [] };
  const restarts = inProfile.some(({ do: actions }) => actions.some((action) => "restart" in action));
  if (restarts && surroundings.restart === undefined) {
    return { stage, name, notAsked: 'needs --start "COMMAND", to start your server again', results: [] };
  }
  return { stage, name, results: inProfile.map((each) => ({ case: each, outcome: "waiting", milliseconds: 0 })) };
}

async function run(result: CaseResult, surroundings: Surroundings): Promise<void> {
  const began = performance.now();
  const failure = await runCase(result.case, surroundings);
  result.milliseconds = performance.now() - began;
  result.outcome = failure === undefined ? "passed" : "failed";
  if (failure === undefined) return;
  result.failure = failure;
  result.reached = await lastStepReached(result.case, failure, surroundings);
}

/** Runs a case that has failed once more, and asks the server meanwhile how far it comes. */
async function lastStepReached(each: Case, failure: Failure, surroundings: Surroundings): Promise<string | undefined> {
  if (failure.reply === undefined) return undefined;
  const again = await runCase(each, { ...surroundings, explain: true });
  const timing = again?.reply?.headers["server-timing"] ?? "";
  return timing
    .split(",")
    .map((row) => /^\s*([a-z]+\.[a-z]+\.[\d.]+)(?:;|$)/.exec(row)?.[1])
    .findLast((id) => id !== undefined);
}
