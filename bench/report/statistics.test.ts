/** The statistics, and whether a figure reaches its goal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { atLeast, atMost, figureAlone, figureOfPairs, reachesGoal } from "./figure.ts";
import { median, quantile } from "./statistics.ts";

const about = { id: "a", what: "b", against: "c", unit: "/s" };

test("median() is the middle value, or the mean of the two middle values", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test("quantile() is the smallest value that this part of all values does not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((part) => quantile(hundred, part)),
    [1, 50, 99, 100],
  );
  assert.equal(quantile([7], 0.99), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("figureOfPairs() compares the two values of each pair, not the medians of the two sides", () => {
  const pairs = [
    { ours: 10, theirs: 10 },
    { ours: 30, theirs: 10 },
    { ours: 20, theirs: 40 },
  ];
  const figure = figureOfPairs({ ...about, goal: atLeast(1) }, pairs);
  assert.deepEqual(figure.ratios, [1, 3, 0.5]);
  assert.equal(reachesGoal(figure), "yes, but not every time");
  assert.deepEqual(figureOfPairs(about, pairs, "theirs / ours").ratios, [1, 1 / 3, 2]);
});

test("reachesGoal() uses the measured values if nothing is compared, and is undefined without a goal", () => {
  const alone = { id: "a", what: "b", unit: "bytes" };
  assert.equal(reachesGoal(figureAlone({ ...alone, goal: atMost(100) }, [120, 90, 95])), "yes, but not every time");
  assert.equal(reachesGoal(figureAlone({ ...alone, goal: atMost(120) }, [120, 90, 95])), "yes");
  assert.equal(reachesGoal(figureAlone({ ...alone, goal: atMost(90) }, [120, 90, 95])), "no, but sometimes");
  assert.equal(reachesGoal(figureAlone({ ...alone, goal: atMost(80) }, [120, 90, 95])), "no");
  assert.equal(reachesGoal(figureAlone(alone, [120])), undefined);
});
