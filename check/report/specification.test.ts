/** A learner of lesson 3 does not meet words of lesson 8 in the sentence of a step. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSpecification, sentenceOf, TAUGHT_LATER } from "./specification.ts";

test("before the lesson that teaches it, a part of a step is left out", () => {
  const json = "Is the request body parsable JSON (one object)? No: 400.";
  assert.equal(sentenceOf("register.post.1.1", 3), json);
  assert.equal(sentenceOf("register.post.1.5", 3), "Is `userHandle` a string of 3-64 characters? No: 400.");
  assert.match(sentenceOf("register.post.1.1", 7), /\(one object\), the URL free of secrets, `Authorization` Basic\?/);
  for (const { id, sentence } of readSpecification()) {
    assert.equal(sentenceOf(id), sentence);
    assert.equal(sentenceOf(id, 8), sentence);
  }
});

test("each part that is left out is in the specification", () => {
  for (const { words } of TAUGHT_LATER) {
    assert.ok(
      readSpecification().some(({ sentence }) => words.test(sentence)),
      String(words),
    );
  }
});
