/**
 * What a run of `plainchat check --lesson N` says about the course: which lessons the server passes, and at which case
 * of which lesson it stops. report-progress.ts sends it to the class.
 */
import type { Report, StageResult } from "../../check/run-check.ts";

export interface LessonResult {
  lesson: number;
  /** The case that fails first, or that was not run. Undefined if the lesson is passed. */
  case?: string;
  passed: number;
  total: number;
}

export interface CourseResult {
  /** The lessons that are passed, in order. */
  passed: LessonResult[];
  /** Where the server stops. Undefined if it passes everything that was asked for. */
  stopsAt: LessonResult | undefined;
}

export function courseResult({ stages }: Report): CourseResult {
  const lessons = stages.filter(({ isLesson }) => isLesson).map(resultOf);
  const asked = lessons.filter(({ total }) => total > 0);
  const passed = asked.filter((each) => each.case === undefined);
  const failing = stages.find(({ results }) => results.some(({ outcome }) => outcome === "failed"))?.stage;
  // Without a failure, a lesson can be open because nobody can restart the server.
  const stopsAt = asked.find((each) => each.lesson === failing) ?? asked.find((each) => each.case !== undefined);
  return { passed, stopsAt };
}

/** A case that a server cannot be asked does not count. */
function resultOf({ stage, results, needsStart = [] }: StageResult): LessonResult {
  const counted = results.filter(({ outcome }) => outcome !== "cannot be asked");
  const open = counted.filter(({ outcome }) => outcome !== "passed");
  const first = open.find(({ outcome }) => outcome === "failed") ?? open[0];
  const failing = first?.case.id ?? needsStart[0];
  return {
    lesson: stage,
    ...(failing !== undefined && { case: failing }),
    passed: counted.length - open.length,
    total: counted.length + needsStart.length,
  };
}
