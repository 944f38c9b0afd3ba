import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldBytes, type Holder } from "./held-bytes.ts";

class Someone implements Holder {
  isStuck: boolean;
  isLetGo = false;

  constructor(isStuck = false) {
    this.isStuck = isStuck;
  }

  letGo(): void {
    this.isLetGo = true;
  }
}

test("beyond the limit, whoever holds the most goes, and of two that hold the same, the older one", () => {
  const held = new HeldBytes(100);
  const [small, large, older, newer] = [new Someone(), new Someone(), new Someone(), new Someone()];
  held.hold(small, 10);
  held.hold(large, 60);
  held.hold(older, 30);
  assert.equal(large.isLetGo, false, "the limit itself is allowed");
  held.hold(newer, 30);
  assert.deepEqual(
    [small, large, older, newer].map(({ isLetGo }) => isLetGo),
    [false, true, false, false],
  );
  held.release(small);
  assert.equal(held.total, 60);
  held.hold(new Someone(), 20);
  held.hold(new Someone(), 25);
  assert.deepEqual([older.isLetGo, newer.isLetGo, held.total], [true, false, 75]);
});

test("one that does not move goes before one that holds more", () => {
  const held = new HeldBytes(100);
  const [moving, stuck] = [new Someone(), new Someone(true)];
  held.hold(moving, 80);
  held.hold(stuck, 10);
  held.hold(new Someone(), 20);
  assert.deepEqual([moving.isLetGo, stuck.isLetGo], [false, true]);
});

test("one that holds more than the limit goes itself", () => {
  const held = new HeldBytes(100);
  const someone = new Someone();
  held.hold(someone, 101);
  assert.deepEqual([someone.isLetGo, held.total], [true, 0]);
});
