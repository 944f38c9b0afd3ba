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

test("parseJsonObject() returns an object or throws a refusal, whatever the bytes are", () => {
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
  ["the same field twice, once with an escape in its name", String.raw`{"a":1,"\u0061":2}`],
  ["the same field twice, with quotes and braces in strings between", String.raw`{"a":"}\"{:","b":{"a":1},"a":[":"]}`],
] as const) {
  test(`parseJsonObject() refuses ${what}`, () => {
    assert.throws(() => parseJsonObject(Buffer.from(text)), /the same field twice/);
  });
}

for (const [what, text, hint] of [
  ["a form", "secret=abc", /looks like a form \(name/],
  ["a form with files", "--------boundary", /form with files/],
  ["text in single quotes", "'{\"a\":1}'", /begins with a single quote/],
  ["quotes that the shell has escaped", '{\\"a\\":1}', /backslashes before the quotes/],
  ["single quotes around names", "{'a': 1}", /double quotes/],
  ["single quotes around values", "{\"a\": 'b'}", /line 1, column 7: JSON needs double quotes around strings/],
  ["curly quotes", "{“a”: 1}", /column 2: these quotes are curly/],
  ["names without quotes", "{a: 1}", /double quotes around names/],
  ["text without quotes", '{"a": hello}', /column 7: put double quotes around text/],
  ["True", '{\n  "a": True\n}', /line 2, column 8: JSON only knows true/],
  ["an extra comma", '{"a": 1,}', /extra comma/],
  ["two commas", '{"a": 1,,"b": 2}', /column 9: this does not belong here/],
  ["a missing comma", '{"a": 1 "b": 2}', /column 9: is a comma missing/],
  ["a semicolon", '{"a": 1; "b": 2}', /column 8: .*not a semicolon/],
  ["an equals sign", '{"a"="b"}', /column 5: .*a colon/],
  ["quotes inside a string", '{"a": "she said "hi""}', /column 18: .*a quote inside a string/],
  ["a line break inside a string", '{"a": "b\nc"}', /column 7: a string has no end, or has a line break/],
  ["a Windows path", '{"a": "C:\\Users"}', /column 7: .*a single backslash/],
  ["a string without an end", '{"a": "b}', /column 7: a string has no end/],
  ["a missing brace", '{"a": 1', /closing brace is missing/],
  ["an extra brace", '{"a": 1}}', /column 9: nothing may follow the last brace/],
  ["a comment", '{"a": 1} // b', /column 10: JSON has no comments/],
  ["a list", "[1]", /must be a JSON object/],
  ["a word", '"a"', /must be a JSON object/],
  ["null", "null", /must be a JSON object/],
] as const) {
  test(`parseJsonObject() says how to correct ${what}`, () => {
    assert.throws(() => parseJsonObject(Buffer.from(text)), hint);
  });
}

test("parseJsonObject() never repeats the text that it refuses, because it may contain a secret", () => {
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

test("parseJsonObject() refuses bytes that are not UTF-8", () => {
  assert.throws(() => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /not UTF-8/);
});

test("parseJsonObject() survives 64 KiB of opening brackets", () => {
  assert.throws(() => parseJsonObject(Buffer.from("[".repeat(65_536))), Refusal);
});

test("parseJsonObject() skips the byte order mark that Windows puts before UTF-8 text", () => {
  assert.deepEqual(parseJsonObject(Buffer.from('\ufeff{"a":1}')), { a: 1 });
});
