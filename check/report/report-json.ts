/**
 * The report for programs, printed by `plainchat check --json`. Other programs read its fields, so don't rename them.
 */
import { countIn, failuresIn, type Report } from "../run-check.ts";

/** @returns an object to print as JSON. */
export function reportJson(report: Report): object {
  const { url, profile, stages, notes } = report;
  return {
    url,
    profile,
    passed: countIn(report, "passed"),
    failed: countIn(report, "failed"),
    waiting: countIn(report, "waiting"),
    notes,
    stages: stages.map(({ stage, name, notAsked, results }) => ({
      stage,
      name,
      notAsked,
      passed: results.filter(({ outcome }) => outcome === "passed").length,
      of: results.length,
    })),
    failures: failuresIn(report).map(({ case: each, failure, reached }) => ({
      id: each.id,
      title: each.title,
      steps: each.steps,
      hint: each.hint,
      reached,
      mistakes: failure?.mistakes,
      request: failure?.request,
      expected: failure?.expected,
      reply: failure?.reply,
    })),
  };
}
