import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SlotList } from "./slot-list.ts";

/** The simplest model of a SlotList: a sorted array. */
class Model {
  slots: number[] = [];

  add(slot: number) {
    if (!this.slots.includes(slot)) this.slots = [...this.slots, slot].sort((a, b) => a - b);
  }

  remove(slot: number) {
    this.slots = this.slots.filter((each) => each !== slot);
  }
}

function compare(list: SlotList, model: Model, from: number, to: number, limit: number) {
  assert.equal(list.length, model.slots.length);
  const within = model.slots.filter((slot) => slot >= from && slot < to);
  assert.deepEqual(list.first(from, to, limit), within.slice(0, limit));
  const below = model.slots.filter((slot) => slot < to);
  assert.deepEqual(list.last(to, limit), below.slice(-limit));
}

test("SlotList holds the same slots as a sorted array after any additions and removals", () => {
  const step = fc.record({ slot: fc.nat(60), remove: fc.boolean() });
  const range = fc.tuple(fc.nat(70), fc.nat(70), fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), range, (steps, [from, to, limit]) => {
      const list = new SlotList();
      const model = new Model();
      for (const { slot, remove } of steps) {
        if (remove) list.remove(slot);
        else if (!model.slots.includes(slot)) list.add(slot);
        if (remove) model.remove(slot);
        else model.add(slot);
      }
      compare(list, model, from, to, limit);
    }),
  );
});

test("SlotList stays in order when thousands of slots are removed and inserted", () => {
  const list = new SlotList();
  const model = new Model();
  for (let slot = 0; slot < 6000; slot += 2) list.add(slot);
  model.slots = Array.from({ length: 3000 }, (_, i) => i * 2);
  for (let slot = 1; slot < 6000; slot += 6) {
    list.add(slot);
    model.slots.push(slot);
  }
  model.slots.sort((a, b) => a - b);
  for (let slot = 0; slot < 6000; slot += 10) {
    list.remove(slot);
    model.remove(slot);
  }
  compare(list, model, 0, 6000, 6000);
  compare(list, model, 1777, 4321, 100);
});
