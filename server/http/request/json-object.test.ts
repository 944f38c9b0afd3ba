import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../../steps/refusal.ts";
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
  ["a form", "secret=abc", /looks like a form \(name/],
  ["a form with files", "--------boundary", /form with files/],
  ["a text in single quotes", "'{\"a\":1}'", /begins with a single quote/],
  ["quotes that the shell has escaped", '{\\"a\\":1}', /backslashes before the quotes/],
  ["single quotes around names", "{'a': 1}", /double quotes/],
  ["single quotes around values", "{\"a\": 'b'}", /line 1, column 7: JSON wants double quotes around strings/],
  ["curly quotes", "{“a”: 1}", /column 2: the quotes are curly/],
  ["names without quotes", "{a: 1}", /double quotes around names/],
  ["texts without quotes", '{"a": hello}', /column 7: a text needs double quotes/],
  ["True", '{\n  "a": True\n}', /line 2, column 8: JSON writes true/],
  ["a comma too many", '{"a": 1,}', /comma too many/],
  ["two commas", '{"a": 1,,"b": 2}', /column 9: something stands where it does not belong/],
  ["a missing comma", '{"a": 1 "b": 2}', /column 9: is there a comma missing/],
  ["a semicolon", '{"a": 1; "b": 2}', /column 8: .*not a semicolon/],
  ["an equals sign", '{"a"="b"}', /column 5: .*a colon/],
  ["quotes inside of a string", '{"a": "she said "hi""}', /column 18: .*a quote inside of a string/],
  ["a line break inside of a string", '{"a": "b\nc"}', /column 7: a string is not closed, or has a line break/],
  ["a path of Windows", '{"a": "C:\\Users"}', /column 7: .*a lone backslash/],
  ["a string that does not end", '{"a": "b}', /column 7: a string is not closed/],
  ["a missing brace", '{"a": 1', /closing brace is missing/],
  ["a brace too many", '{"a": 1}}', /column 9: nothing may follow the last brace/],
  ["a comment", '{"a": 1} // b', /column 10: JSON has no comments/],
  ["a list", "[1]", /must be a JSON object/],
  ["a word", '"a"', /must be a JSON object/],
  ["null", "null", /must be a JSON object/],
] as const) {
  test(`parseJsonObject() tells someone who sends ${what} what to do`, () => {
    assert.throws(() => parseJsonObject(Buffer.from(text)), hint);
  });
}

test("parseJsonObject() repeats nothing of what it refuses: there may be a secret in it", () => {
  const letters = fc.stringMatching(/^[{}":, 'x=;\\]*$/);
  fc.assert(
    fc.property(letters, letters, (before, after) => {
      try {
        parseJsonObject(Buffer.from(`${before}swordfish${after}`));
      } catch (error) {
        assert.ok(error instanceof Refusal && !error.message.includes("swordfish"));
      }
    }),
  );
});

test("parseJsonObject() refuses what is not UTF-8", () => {
  assert.throws(() => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /not UTF-8/);
});

test("parseJsonObject() bears 64 KiB of opening brackets", () => {
  assert.throws(() => parseJsonObject(Buffer.from("[".repeat(65_536))), Refusal);
});

test("parseJsonObject() reads over the mark that Windows puts in front of UTF-8", () => {
  assert.deepEqual(parseJsonObject(Buffer.from('\ufeff{"a":1}')), { a: 1 });
});
