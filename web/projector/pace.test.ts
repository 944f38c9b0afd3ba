/**
 * Tests that the wall keeps up with a class, and gives failures more time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue } from "./fair-queue.ts";
import { paceOf } from "./pace.ts";

const fullWayMilliseconds = 5600;

test("with nothing waiting, the dot takes its time, and a failure stays longer", () => {
  const waiting = { successes: 0, failures: 0 };
  const success = paceOf({ isFailure: false, fullWayMilliseconds, waiting });
  const failure = paceOf({ isFailure: true, fullWayMilliseconds, waiting });
  assert.equal(success.wayMilliseconds, fullWayMilliseconds);
  assert.equal(failure.wayMilliseconds, fullWayMilliseconds);
  assert.ok(failure.milliseconds > success.milliseconds + 1000);
});

test("the more wait, the shorter each is shown, and a failure always longer than a success", () => {
  let before = Number.POSITIVE_INFINITY;
  for (const successes of [0, 1, 3, 10, 30, 90, 300]) {
    const waiting = { successes, failures: Math.floor(successes / 4) };
    const success = paceOf({ isFailure: false, fullWayMilliseconds, waiting });
    const failure = paceOf({ isFailure: true, fullWayMilliseconds, waiting });
    assert.ok(success.milliseconds <= before && success.milliseconds < failure.milliseconds, `${successes}`);
    assert.ok(success.wayMilliseconds <= success.milliseconds);
    before = success.milliseconds;
  }
  // A dot that nobody could follow does not move at all.
  const hurried = paceOf({ isFailure: false, fullWayMilliseconds, waiting: { successes: 30, failures: 0 } });
  assert.equal(hurried.wayMilliseconds, 0);
});

for (const [what, failing] of [
  ["with few failures", 0.1],
  ["with many", 0.5],
  ["of which all fail", 1],
] as const) {
  test(`thirty pupils who send twenty requests a second do not wait long, ${what}`, () => {
    const queue = new FairQueue<{ isFailure: boolean; at: number }>();
    let [sent, shownUntil, longest, seen] = [0, 0, 0, 0];
    // A minute, in the time of the test.
    for (let now = 0; now < 60_000; now += 50) {
      queue.add(`pupil ${(sent * 7) % 30}`, { isFailure: (sent * 13) % 100 < failing * 100, at: now });
      sent++;
      while (shownUntil <= now) {
        const next = queue.next();
        if (next === undefined) break;
        const failures = queue.items.filter(({ isFailure }) => isFailure).length;
        const waiting = { failures, successes: queue.length - failures };
        const pace = paceOf({ isFailure: next.item.isFailure, fullWayMilliseconds, waiting });
        longest = Math.max(longest, now - next.item.at);
        shownUntil = Math.max(shownUntil, now) + pace.milliseconds;
        seen += next.count;
      }
    }
    assert.ok(longest < 12_000, `somebody waited ${longest} ms`);
    assert.equal(seen + queue.count, sent, "each is shown, or another stands for it");
  });
}
