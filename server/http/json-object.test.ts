import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../steps/refusal.ts";
import { parseJsonObject } from "./json-object.ts";

test("parseJsonObject() reads every object that JSON.stringify() can write", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parseJsonObject(Buffer.from(text)), JSON.parse(text));
    }),
  );
});

test("parseJsonObject() answers with an object or a refusal, whatever the bytes are", () => {
  const pieces = fc.array(
    fc.constantFrom("{", "}", '"a"', '"\\u0061"', ":", ",", "1", "[", "]", '"\\""', "\\", "'", " "),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map(Buffer.from),
        pieces.map((all) => Buffer.from(all.join(""))),
      ),
      (bytes) => {
        try {
          assert.equal(typeof parseJsonObject(bytes), "object");
        } catch (error) {
          assert.ok(error instanceof Refusal && error.status === 400);
        }
      },
    ),
  );
});

for (const [what, text] of [
  ["the same field twice", '{"a":1,"a":2}'],
  ["the same field twice, once in disguise", String.raw`{"a":1,"\u0061":2}`],
  ["the same field twice, with quotes and braces in strings between", String.raw`{"a":"}\"{:","b":{"a":1},"a":[":"]}`],
] as const) {
  test(`parseJsonObject() refuses ${what}`, () => {
    assert.throws(() => parseJsonObject(Buffer.from(text)), /the same field twice/);
  });
}

for (const [what, text, hint] of [
  ["a form", "secret=abc", /looks like a form/],
  ["single quotes", "{'a': 1}", /double quotes/],
  ["names without quotes", "{a: 1}", /double quotes around names/],
  ["a comma too many", '{"a": 1,}', /comma too many/],
  ["a missing brace", '{"a": 1', /closing brace is missing/],
  ["a list", "[1]", /must be a JSON object/],
  ["a word", '"a"', /must be a JSON object/],
  ["null", "null", /must be a JSON object/],
] as const) {
  test(`parseJsonObject() tells someone who sends ${what} what to do`, () => {
    assert.throws(() => parseJsonObject(Buffer.from(text)), hint);
  });
}

test("parseJsonObject() refuses what is not UTF-8", () => {
  assert.throws(() => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /not UTF-8/);
});

test("parseJsonObject() bears 64 KiB of opening brackets", () => {
  assert.throws(() => parseJsonObject(Buffer.from("[".repeat(65_536))), Refusal);
});

test("parseJsonObject() reads over the mark that Windows puts in front of UTF-8", () => {
  assert.deepEqual(parseJsonObject(Buffer.from('\ufeff{"a":1}')), { a: 1 });
});
