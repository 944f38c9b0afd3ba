/**
 * Tests what the page says about the text of a message before the server does.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mustBeMessage } from "../../server/steps/checks.ts";
import { forbiddenIn, isBlank, withoutForbidden } from "./message-text.ts";

test("the first forbidden character is named, with its place", () => {
  assert.deepEqual(forbiddenIn("a bell: \u0007, and \u001b"), { index: 8, name: "U+0007 (BEL)", before: "a bell:" });
  assert.deepEqual(forbiddenIn("one\ntwo\u007f"), { index: 7, name: "U+007F (DEL)", before: "two" });
  assert.deepEqual(forbiddenIn("\u0085"), { index: 0, name: "U+0085", before: "" });
  assert.deepEqual(forbiddenIn("😀 \ud83d"), { index: 3, name: "U+D83D", before: "😀" });
  assert.equal(forbiddenIn("line\nbreak,\ttab, 😀, \u200b"), undefined);
});

test("exactly the characters that the server refuses are forbidden, and the text without them is fine", () => {
  const isRefused = (message: string) => {
    try {
      mustBeMessage({ message }, "message", { min: 1, max: 4096 }, 400);
      return false;
    } catch {
      return true;
    }
  };
  for (let code = 0; code <= 0xffff; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    assert.equal(forbiddenIn(text) !== undefined, isRefused(text), code.toString(16));
    if (isRefused(text)) assert.equal(withoutForbidden(text), "ab");
  }
});

test("blanks and invisible characters are no message", () => {
  for (const text of ["", "  \n\t", "\u00a0\u3000", "\u200b", "\u2800", "\u3164", "\ufeff", "\u200d\u2060"])
    assert.ok(isBlank(text), JSON.stringify(text));
  for (const text of ["a", " . ", "😀", "👩‍🚀", "\u0301"]) assert.ok(!isBlank(text), JSON.stringify(text));
});
