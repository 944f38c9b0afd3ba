/**
 * The lessons of lessons.json: the cases of the stages once more, in the order in which a learner writes the server.
 * `--lesson N` runs those of the lessons 1 to N. cli/check/which-cases.ts and report/what-next.ts call it.
 */
import type { Case, Stage } from "./case.ts";
import file from "./lessons.json" with { type: "json" };
import { loadStages } from "./stages.ts";

export interface Lesson {
  lesson: number;
  title: string;
  /** What the learner's server can do after it: goes on after "There your server learns to". */
  can: string;
  cases: Case[];
}

/** @returns all lessons, in order. @throws when a case is listed that does not exist. */
export function loadLessons(): Lesson[] {
  const cases = new Map(loadStages().flatMap((stage) => stage.cases.map((each) => [each.id, each] as const)));
  return file.lessons.map((lesson) => ({ ...lesson, cases: lesson.cases.map((id) => cases.get(id) ?? unknown(id)) }));
}

/** @returns the lessons 1 to `last`, for the check to run in the place of the stages. */
export function lessonsUpTo(last: number): Stage[] {
  return loadLessons()
    .filter(({ lesson }) => lesson <= last)
    .map(({ lesson, title, cases }) => ({ stage: lesson, name: title, cases, isLesson: true as const }));
}

function unknown(id: string): never {
  throw new Error(`lessons.json has a case "${id}", which does not exist`);
}
