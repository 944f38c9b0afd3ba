/**
 * Tests that the predictions of the lessons are right: each mistake is made in the solution of its lesson, and the check
 * must stop first at the case that the lesson names. A machine without Python leaves that unproven.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { suite, test } from "node:test";
import { lessonsUpTo } from "../../check/lessons.ts";
import { checkServer } from "../../check/node/check-server.ts";
import { failuresIn } from "../../check/run-check.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const COURSE = join(import.meta.dirname, "..", "..", "course");
const AT_ONCE = 2;
const isPythonThere = spawnSync("python3", ["--version"]).error === undefined;

suite("the mistakes to predict", { concurrency: AT_ONCE }, () => {
  for (const path of globSync("lessons/*/lesson.json", { cwd: COURSE }).sort()) {
    const { lesson, predict } = JSON.parse(readFileSync(join(COURSE, path), "utf8"));
    const { change, case: expected } = predict.server;
    const name = basename(dirname(path));
    const solution = join(COURSE, "solutions", "python", `${name.slice(0, 2)}.py`);
    if (!existsSync(solution)) continue;
    test(`${name} fails first at ${expected}`, async (t) => {
      if (!isPythonThere) return t.skip("unproven: there is no Python");
      const right = readFileSync(solution, "utf8");
      assert.equal(right.split(change.find).length - 1, 1, `${change.find} stands once in ${solution}`);
      const wrong = join(await temporaryFolder(t), "server.py");
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
        [expected],
      );
    });
  }
});
