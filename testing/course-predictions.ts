/**
 * The mistakes that the lessons let a learner predict: each is made in the solution of its lesson, and the check must
 * stop first at the case that the lesson names. tests/course tries the quick lessons, and the proof `course` all.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lessonsUpTo } from "../check/lessons.ts";
import { checkServer } from "../check/node/check-server.ts";
import { failuresIn } from "../check/run-check.ts";
import type { Ending } from "./at-end.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const COURSE = join(import.meta.dirname, "..", "course");

export interface Prediction {
  /** The folder of the lesson. */
  name: string;
  lesson: number;
  /** The case that fails first. */
  case: string;
  change: { find: string; replace: string };
}

export function coursePredictions(): Prediction[] {
  return globSync("lessons/*/lesson.json", { cwd: COURSE })
    .sort()
    .map((path) => {
      const { lesson, predict } = JSON.parse(readFileSync(join(COURSE, path), "utf8"));
      return { name: basename(dirname(path)), lesson, case: predict.server.case, change: predict.server.change };
    });
}

/** Makes the mistake in the Python solution. @throws {AssertionError} if another case fails, too, or none. */
export async function assertPrediction(
  ending: Ending,
  { name, lesson, change, ...expected }: Prediction,
): Promise<void> {
  const solution = join(COURSE, "solutions", "python", `${name.slice(0, 2)}.py`);
  const right = readFileSync(solution, "utf8");
  assert.equal(right.split(change.find).length - 1, 1, `${change.find} stands once in ${solution}`);
  const wrong = join(await temporaryFolder(ending), "server.py");
  await writeFile(
    wrong,
    right.replace(change.find, () => change.replace),
  );
  const report = await checkServer({
    stages: lessonsUpTo(lesson),
    command: (folder, port) => `python3 "${wrong}" ${port} "${folder}"`,
  });
  assert.deepEqual(
    failuresIn(report).map((each) => each.case.id),
    [expected.case],
    name,
  );
}
