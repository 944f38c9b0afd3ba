/**
 * Checks the solutions of the course whose lessons take long, with kills and many requests at once: each passes its
 * lesson with all before it, and not the next one. tests/course/solutions.test.ts checks the other ones.
 */
import assert from "node:assert/strict";
import { assertPrediction, coursePredictions } from "../testing/course-predictions.ts";
import {
  type CourseServer,
  courseSolutions,
  isLast,
  lessonFailure,
  nextLessonFailure,
  ownLessonFailure,
  SLOW_LESSONS,
  whatIsMissing,
} from "../testing/course-servers.ts";
import { atOnce } from "./at-once.ts";
import { type Proof, Unproven } from "./proof.ts";

const AT_ONCE = 2;
/** The quick part tries only the last solution of each language, with its own lesson. */
const QUICK_LESSON = 14;

export const course: Proof = {
  name: "course",
  promise:
    "each solution of the course passes its lesson with all before it, and not the next one; each prediction is true",
  async prove({ size, ending, log }) {
    const slow = courseSolutions().filter(({ lesson = 0 }) => SLOW_LESSONS.includes(lesson));
    const solutions = slow.filter(({ lesson }) => size === "whole" || lesson === QUICK_LESSON);
    const runnable = solutions.filter((each) => whatIsMissing(each) === undefined);
    await atOnce(runnable, AT_ONCE, async (each) => {
      if (size === "quick") return assert.equal(await ownLessonFailure(each), undefined, each.path);
      await passesItsLessonOnly(each);
      log(`${each.path} passes lesson ${each.lesson}`);
    });
    const predictions = coursePredictions().filter(({ lesson }) => SLOW_LESSONS.includes(lesson));
    if (size === "whole") await atOnce(predictions, AT_ONCE, (each) => assertPrediction(ending, each));
    const [missing] = solutions.flatMap((each) => whatIsMissing(each) ?? []);
    if (missing !== undefined) throw new Unproven(missing);
    return `${solutions.length} solutions`;
  },
};

async function passesItsLessonOnly(server: CourseServer): Promise<void> {
  assert.equal(await lessonFailure(server), undefined, server.path);
  if (isLast(server)) return;
  assert.notEqual(await nextLessonFailure(server), undefined, `${server.path} passes the next lesson, too`);
}
