/**
 * Tests that the predictions of the lessons are right, as far as that is quick. `npm run prove -- course` tries all. A
 * machine without Python leaves that unproven.
 */
import { spawnSync } from "node:child_process";
import { suite, test } from "node:test";
import { assertPrediction, coursePredictions } from "../../testing/course-predictions.ts";
import { SLOW_LESSONS } from "../../testing/course-servers.ts";

const AT_ONCE = 2;
const isPythonThere = spawnSync("python3", ["--version"]).error === undefined;

suite("the mistakes to predict", { concurrency: AT_ONCE }, () => {
  for (const prediction of coursePredictions().filter(({ lesson }) => !SLOW_LESSONS.includes(lesson))) {
    test(`${prediction.name} fails first at ${prediction.case}`, async (t) => {
      if (!isPythonThere) return t.skip("unproven: there is no Python");
      await assertPrediction(t, prediction);
    });
  }
});
