import assert from "node:assert/strict";
import { test } from "node:test";
import { stuckSinceOf } from "./stuck.ts";

const now = Date.parse("2030-01-02T12:00:00.000Z");
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const at = (minutes: number) => ({ lesson: 3, case: "register-no-secret", passed: 2, total: 13, since: ago(minutes) });
const passed = { lesson: 3, passed: 13, total: 13, since: ago(20), passedAt: ago(20) };

test("a pupil is stuck whose requests are refused, or who has been at the same case for ten minutes", () => {
  assert.equal(stuckSinceOf({}, now), undefined);
  assert.equal(stuckSinceOf({ progress: at(9) }, now), undefined);
  assert.equal(stuckSinceOf({ progress: at(10) }, now), ago(10));
  assert.equal(stuckSinceOf({ progress: passed }, now), undefined);
  assert.equal(stuckSinceOf({ progress: at(5 * 60) }, now), undefined, "that was in an earlier lesson");
  assert.equal(stuckSinceOf({ progress: at(-3) }, now), undefined, "the clocks differ");
  assert.equal(stuckSinceOf({ stuckSince: ago(2) }, now), ago(2));
  assert.equal(stuckSinceOf({ stuckSince: ago(2), progress: at(12) }, now), ago(12));
  assert.equal(stuckSinceOf({ stuckSince: ago(20), progress: at(12) }, now), ago(20));
});
