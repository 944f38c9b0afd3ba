/**
 * Tests the board: which lessons everybody has passed, for the wall. It is off unless the teacher shows it, and nobody is
 * on it whom the teacher has hidden.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptText } from "../../testing/kept.ts";
import { startLesson, teach } from "../../testing/lesson.ts";
import { type Person, type RunningApp, startApp } from "../../testing/start-app.ts";

const report = (app: RunningApp, { user }: Person, body: object) =>
  app.send({ method: "PATCH", path: "/api/v1/class/progress", user, body });
const board = async (app: RunningApp) => {
  const { json } = await app.send({ path: "/api/v1/class" });
  return json as unknown as { showsBoard?: true; users: Record<string, unknown>[] };
};
const rows = async (app: RunningApp) =>
  (await board(app)).users.map(({ userHandle, lessonsPassed, atLesson }) => [userHandle, lessonsPassed, atLesson]);

test("the board is off until the teacher shows it, and everybody sees it then, also after a restart", async (t) => {
  const { app, ada, grace } = await startLesson(t);
  await report(app, ada, { lesson: 1, passed: 1, total: 1 });
  await report(app, ada, { lesson: 2, case: "register", passed: 1, total: 2 });
  const names = (await board(app)).users.map(({ userHandle }) => userHandle);
  const off = names.map((userHandle) => [userHandle, undefined, undefined]);
  assert.deepEqual([await rows(app), (await board(app)).showsBoard], [off, undefined]);

  const shown = await teach(app, "PATCH ", { showsBoard: true });
  assert.deepEqual([shown.status, shown.json], [200, { isPaused: false, showsTexts: false, showsBoard: true }]);
  assert.notEqual(await keptText(app, "class/board-shown.json"), undefined);
  const on = (list: unknown[][]) => list.filter(([, passed]) => passed !== undefined);
  const expected = [
    ["ada", [1], 2],
    ["grace", [], undefined],
  ];
  assert.deepEqual(on(await rows(app)), expected);
  await app.stop();
  const again = await startApp(t, { isClass: true, root: app.root });
  assert.deepEqual(on(await rows(again)), expected);

  await teach(again, "PATCH /pupils", { userId: ada.userId, isHidden: true });
  assert.deepEqual(on(await rows(again)), [["grace", [], undefined]]);
  await teach(again, "PATCH ", { showsBoard: false });
  assert.deepEqual(await rows(again), off);
  assert.equal(await keptText(again, "class/board-shown.json"), undefined);
  assert.equal((await report(again, grace, { lesson: 1, passed: 1, total: 1 })).status, 200);
});
