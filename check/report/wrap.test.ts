import assert from "node:assert/strict";
import { test } from "node:test";
import { cutToRow, wrapped } from "./wrap.ts";

const SENTENCE = "  What to do: Compare it with the token of this id, and nothing else.";

test("a sentence is broken between words, with the same indent", () => {
  assert.deepEqual(wrapped(SENTENCE, 40), [
    "  What to do: Compare it with the token",
    "  of this id, and nothing else.",
  ]);
  assert.deepEqual(wrapped(SENTENCE, 200), [SENTENCE]);
  assert.deepEqual(wrapped(SENTENCE, undefined), [SENTENCE]);
  assert.deepEqual(wrapped("one\ntwo", 40), ["one", "two"], "its own line breaks stay");
});

test("styles take no room, and a long word stays whole", () => {
  assert.deepEqual(wrapped("\x1b[1mLook first:\x1b[22m a b c d", 21), ["\x1b[1mLook first:\x1b[22m a b c d"]);
  const word = "x".repeat(50);
  assert.deepEqual(wrapped(`a ${word} b`, 30), ["a", word, "b"]);
  assert.equal(Math.max(...wrapped("word ".repeat(100), 300).map((line) => line.length)) <= 90, true);
});

test("cutToRow() keeps what fits into one row, and the status", () => {
  assert.equal(cutToRow(SENTENCE, 40), "  What to do: Compare it with the …");
  assert.equal(cutToRow(SENTENCE, undefined), SENTENCE);
  assert.equal(cutToRow("short", 40), "short");
  assert.equal(
    cutToRow("  Step 1: Is it a string of 12-64 characters? No: 401.", 41),
    "  Step 1: Is it a string of … No: 401.",
  );
});
