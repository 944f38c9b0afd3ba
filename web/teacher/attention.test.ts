import assert from "node:assert/strict";
import { test } from "node:test";
import { Attention } from "./attention.ts";

test("a mouse that moves or a key holds the list, and a mouse that was only left there does not", () => {
  let now = 0;
  const attention = new Attention(() => now);
  assert.ok(!attention.isThere);
  attention.note();
  now = 7_000;
  assert.ok(attention.isThere);
  attention.note();
  now = 14_000;
  assert.ok(attention.isThere);
  now = 16_000;
  assert.ok(!attention.isThere);
  attention.note();
  attention.end();
  assert.ok(!attention.isThere);
});
