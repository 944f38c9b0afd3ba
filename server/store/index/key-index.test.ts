import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyIndex } from "./key-index.ts";

test("KeyIndex finds each of many keys, but only for the user who sent it", () => {
  const keys = new KeyIndex(() => true);
  for (let slot = 0; slot < 5000; slot++) keys.add(1 + (slot % 3), `key-${slot}`, slot);
  for (let slot = 0; slot < 5000; slot++) {
    assert.ok(keys.candidates(1 + (slot % 3), `key-${slot}`).includes(slot));
    assert.ok(!keys.candidates(9, `key-${slot}`).includes(slot));
  }
});

test("KeyIndex forgets the keys of messages that are gone", () => {
  const gone = new Set<number>();
  const keys = new KeyIndex((slot) => !gone.has(slot));
  keys.add(1, "retry", 7);
  gone.add(7);
  assert.deepEqual(keys.candidates(1, "retry"), []);
  for (let slot = 8; slot < 3000; slot++) keys.add(1, `key-${slot}`, slot);
  assert.deepEqual(keys.candidates(1, "retry"), []);
  assert.deepEqual(keys.candidates(1, "key-2000"), [2000]);
});

test("KeyIndex.renumber() follows messages to other slots", () => {
  const keys = new KeyIndex(() => true);
  for (let slot = 0; slot < 100; slot++) keys.add(1, `key-${slot}`, slot);
  keys.renumber((slot) => (slot === 3 ? undefined : slot + 1000));
  assert.deepEqual(keys.candidates(1, "key-42"), [1042]);
  assert.deepEqual(keys.candidates(1, "key-3"), []);
});
