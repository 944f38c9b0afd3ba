/**
 * The report for programs, printed by `plainchat check --json`. Other programs read its fields, so don't rename them.
 */
import type { Tally } from "../repeated.ts";
import { countIn, failuresIn, type Report } from "../run-check.ts";
import { whatToDo } from "./advice.ts";

/** What only some reports have. */
interface JsonExtras {
  /** With `--times`: how many runs failed. The rest of the report is the first of these. */
  runs?: Tally | undefined;
  /** Fields to add to a failure, by the id of its case. */
  more?: ReadonlyMap<string, object> | undefined;
}

/** @returns an object to print as JSON. */
export function reportJson(report: Report, { runs, more }: JsonExtras = {}): object {
  const { url, profile, stages, notes } = report;
  return {
    url,
    profile,
    passed: countIn(report, "passed"),
    failed: countIn(report, "failed"),
    waiting: countIn(report, "waiting"),
    cannotBeAsked: stages.flatMap(({ results }) =>
      results.flatMap(({ case: { id, title }, why }) => (why === undefined ? [] : [{ id, title, why }])),
    ),
    notes,
    ...(runs !== undefined && { runs }),
    stages: stages.map(({ stage, isLesson, name, notAsked, needsStart, results }) => ({
      ...(isLesson === true ? { lesson: stage } : { stage }),
      name,
      notAsked,
      needsStart,
      passed: results.filter(({ outcome }) => outcome === "passed").length,
      of: results.length,
    })),
    failures: failuresIn(report).map(({ case: each, failure, reached }) => ({
      id: each.id,
      title: each.title,
      steps: each.steps,
      hint: failure === undefined ? each.hint : whatToDo(each.hint, failure),
      reached,
      mistakes: failure?.mistakes,
      request: failure?.request,
      expected: failure?.expected,
      received: failure?.received,
      reply: failure?.reply,
      notRestarted: failure?.notRestarted,
      process: failure?.process,
      ...more?.get(each.id),
    })),
  };
}
