/**
 * Tests that everybody gets a turn on the wall, and that a flood does not push anybody off.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue, ROOM_FOR_EACH } from "./fair-queue.ts";

const drain = (queue: FairQueue<string>) => {
  const shown: string[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) shown.push(`${next.item} ${next.count}`);
  return shown;
};

test("the loop of one sender pushes nobody off, and its newest request stands for the rest", () => {
  const queue = new FairQueue<string>();
  queue.add("grace", "grace 1");
  for (let i = 1; i <= 122; i++) assert.equal(queue.add("ada", `ada ${i}`), 0);
  queue.add("grace", "grace 2");
  queue.add("alan", "alan 1");
  assert.deepEqual([queue.length, queue.count], [ROOM_FOR_EACH + 3, 125]);
  assert.deepEqual(drain(queue), ["grace 1 1", "ada 1 1", "alan 1 1", "grace 2 1", "ada 2 1", "ada 122 120"]);
  assert.deepEqual([queue.length, queue.count, queue.next()], [0, 0, undefined]);
});

test("a sender who comes while others wait is shown within one round", () => {
  const queue = new FairQueue<string>();
  for (let i = 0; i < 1000; i++) queue.add(`pupil ${i % 30}`, `${i}`);
  queue.add("late", "late");
  const shown = drain(queue);
  assert.equal(shown.indexOf("late 1"), 30);
  assert.equal(shown.length, 30 * ROOM_FOR_EACH + 1);
});

test("skipToNewest() takes the newest of all and leaves nothing", () => {
  const queue = new FairQueue<string>();
  assert.equal(queue.skipToNewest(), undefined);
  for (const name of ["a", "b", "a", "a", "a", "c", "a"]) queue.add(name, `${name}${queue.count}`);
  assert.deepEqual(queue.skipToNewest(), "a6");
  assert.deepEqual([queue.count, queue.skipToNewest()], [0, undefined]);
});

test("changeAll() covers what waits, or takes it out, and the newest stays the newest", () => {
  const queue = new FairQueue<string>();
  for (const name of ["a", "b", "b"]) queue.add(name, name);
  queue.changeAll((item) => (item === "a" ? undefined : `${item} covered`));
  assert.deepEqual(queue.items, ["b covered", "b covered"]);
  assert.deepEqual(queue.skipToNewest(), "b covered");
});

test("somebody who claims one name after the other fills the memory of no wall", () => {
  const queue = new FairQueue<string>();
  let leftOut = 0;
  for (let i = 0; i < 5000; i++) leftOut += queue.add(`claims ${i}`, `${i}`);
  assert.ok(queue.count <= 100);
  assert.equal(queue.count + leftOut, 5000);
});
