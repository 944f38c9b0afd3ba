/**
 * How far a pupil is in the course: what class/progress/<userId>.json says, and what a new report makes of it. There is
 * one entry for each lesson, so a file stays small however often a pupil reports. class-folder.ts writes the file, and
 * read-class.ts reads it.
 */
import type { LessonProgress, LessonReport, Progress } from "../contract.ts";

/** As docs/spec.md says. A file that says something else is damaged: the client checks what it gets, too. */
const LESSONS = 14;
const MOST_CASES = 500;
const MOST_CASE_CHARACTERS = 64;
const CASE = /^[a-z0-9]+([.-][a-z0-9]+)*$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Fourteen lessons are a quarter of this. */
export const MAX_PROGRESS_BYTES = 16_384;

/** One line for each lesson, so that you can read it. */
export function encodeProgress({ lesson, lessons }: Progress): string {
  return `{"lesson":${lesson},"lessons":[\n${lessons.map((each) => JSON.stringify(each)).join(",\n")}\n]}\n`;
}

/** @returns undefined if this does not say how far a pupil is. */
export function decodeProgress(text: string): Progress | undefined {
  try {
    const { lesson, lessons } = JSON.parse(text) ?? {};
    if (!Array.isArray(lessons) || lessons.length > LESSONS) return undefined;
    const known = lessons.map(decodeLesson).filter((each) => each !== undefined);
    const isInOrder = known.every((each, i) => each.lesson > (known[i - 1]?.lesson ?? 0));
    const isComplete = known.length === lessons.length && known.some((each) => each.lesson === lesson);
    return isInOrder && isComplete ? { lesson, lessons: known } : undefined;
  } catch {
    return undefined;
  }
}

/** @returns `before` itself if the report says nothing new. @param now ISO 8601, in UTC. */
export function withReport(before: Progress | undefined, report: LessonReport, now: string): Progress {
  const { lesson, case: failing, passed, total } = report;
  const known = lessonIn(before, lesson);
  const isSamePlace = before?.lesson === lesson && known !== undefined && known.case === failing;
  if (before !== undefined && isSamePlace && known.passed === passed && known.total === total) return before;
  const passedAt = known?.passedAt ?? (failing === undefined ? now : undefined);
  const entry: LessonProgress = {
    lesson,
    ...(failing !== undefined && { case: failing }),
    passed,
    total,
    since: isSamePlace ? known.since : now,
    ...(passedAt !== undefined && { passedAt }),
  };
  const others = before?.lessons.filter((each) => each.lesson !== lesson) ?? [];
  return { lesson, lessons: [...others, entry].toSorted((a, b) => a.lesson - b.lesson) };
}

export function lessonIn(progress: Progress | undefined, lesson: number): LessonProgress | undefined {
  return progress?.lessons.find((each) => each.lesson === lesson);
}

function decodeLesson(value: unknown): LessonProgress | undefined {
  const { lesson, case: failing, passed, total, since, passedAt } = Object(value);
  const isRight =
    isFrom(1, lesson, LESSONS) &&
    isFrom(1, total, MOST_CASES) &&
    isFrom(0, passed, total) &&
    (failing === undefined) === (passed === total) &&
    (failing === undefined || isCase(failing)) &&
    isTime(since) &&
    (passedAt === undefined || isTime(passedAt));
  if (!isRight) return undefined;
  const ofCase = failing !== undefined && { case: failing };
  return { lesson, ...ofCase, passed, total, since, ...(passedAt !== undefined && { passedAt }) };
}

function isFrom(least: number, value: unknown, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

function isCase(value: unknown): boolean {
  return typeof value === "string" && value.length <= MOST_CASE_CHARACTERS && CASE.test(value);
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && TIME.test(value) && Number.isFinite(Date.parse(value));
}
