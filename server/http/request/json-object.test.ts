import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../../steps/refusal.ts";
import { firstMistake } from "./json-mistake.ts";
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
    assert.throws(() => parseJsonObject(Buffer.from(text)), /the same field twice: `a`\./);
  });
}

test("parseJsonObject() names a field that is there twice, and not what could be a token", () => {
  const fieldOf = (text: string) => {
    try {
      return parseJsonObject(Buffer.from(text));
    } catch (error) {
      return error instanceof Refusal && { field: error.field, isNamed: error.message.includes("`") };
    }
  };
  assert.deepEqual(fieldOf('{"a":1,"userHandle":"x","userHandle":"y"}'), { field: "userHandle", isNamed: true });
  assert.deepEqual(fieldOf('{"a":1,"a":2}'), { field: undefined, isNamed: true });
  const token = "s1stW8tRW3xogZBQcE18JhAJk0ibQFUS";
  assert.deepEqual(fieldOf(`{"${token}":1,"${token}":2}`), { field: undefined, isNamed: false });
});

test("firstMistake() finds a mistake if JSON.parse() does, and only then", () => {
  const pieces = fc.constantFrom(
    ..."{}[]:,;'+-.x ",
    '"a"',
    "1",
    "-0.5e3",
    "01",
    "true",
    "nul",
    '"\\u00e9"',
    '"\\x"',
    '"\t"',
    '"',
  );
  const texts = fc.oneof(
    fc.array(pieces).map((all) => all.join("")),
    fc.tuple(fc.json(), fc.nat(), pieces).map(([json, at, piece]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + piece + json.slice(cut);
    }),
    fc.tuple(fc.json(), fc.nat()).map(([json, at]) => json.slice(0, at % (json.length + 1))),
  );
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(texts, (text) => assert.equal(firstMistake(text) === undefined, isJson(text), text)),
    { numRuns: 2000 },
  );
});

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
  ["an extra comma", '{"a": 1 , }', /column 9: there is an extra comma before the closing brace/],
  ["an extra comma before more text", '{"a": {"b": 1,}, "c": 2}', /column 14: .*extra comma before the closing brace/],
  ["an extra comma in a list", '{"a": [1,\n]}', /line 1, column 9: .*extra comma before the closing bracket/],
  ["a missing value at the end", '{"userHandle":"grace","message":}', /column 33: a value is missing/],
  ["a missing value before a comma", '{"userHandle":,"message":"hi"}', /column 15: a value is missing/],
  ["a field without a value", '{"userHandle"}', /column 14: a field has a name but no value/],
  ["a field without a value before a comma", '{"a", "b": 1}', /column 5: a field has a name but no value/],
  ["a field without a name", '{"a": 1, : 2}', /column 10: a name is missing/],
  ["a missing colon", '{"a" "b"}', /column 6: a colon is missing/],
  ["two colons", '{"a":: 1}', /column 6: there is a second colon/],
  [
    "a quote that is missing after a name",
    '{"userHandle: "grace"}',
    /column 16: .*a quote is missing at the end of the name/,
  ],
  ["a quote that is missing before a name", '{"a": 1, b": 2}', /column 10: JSON needs double quotes around names/],
  ["a quote that is missing after a text", '{"a": "b, "c": 1}', /column 12: .*is a quote missing further left/],
  ["a quote that is missing before a text", '{"a": b"}', /column 7: put double quotes around text/],
  ["a tab in a string", '{"a": "b\tc"}', /column 9: a string has a tab in it\. .*the letter t/],
  ["another control character in a string", '{"a": "é😀\u0007c"}', /column 10: a string has a control character/],
  ["half an escape", '{"a": "b\\u12"}', /column 9: .*four hexadecimal digits/],
  ["a list that ends with a brace", '{"a": [1}', /column 9: a list must end with a bracket/],
  ["an object that ends with a bracket", '{"a": {"b": 1]}', /column 14: an object must end with a brace/],
  ["a missing comma between values", '{"a": [1 2]}', /column 10: a comma is missing/],
  ["a missing comma before a name without quotes", '{"a": 1 b: 2}', /column 9: a comma is missing/],
  ["a zero at the front", '{"a": 007}', /column 7: .*way to write a number/],
  ["a plus sign", '{"a": +7}', /column 7: .*way to write a number/],
  ["a space that is none", '{"a":\u00a01}', /column 6: .*an unusual space/],
  ["text before the object", 'json: {"a": 1}', /column 1: the text must begin with a brace/],
  ["an object that ends after a name", '{"a"', /ends too early: a field has a name but no value/],
  ["an object that ends after a colon", '{"a": ', /ends too early: a value is missing after the last colon/],
  ["a list that does not end", '{"a": [1', /ends too early: a closing bracket is missing/],
  ["a semicolon at the end", '{"a": 1};', /column 9: nothing may follow the last brace/],
  ["a second object", '{"a": 1}\n{"b": 2}', /line 2, column 1: nothing may follow the last brace/],
  ["two commas", '{"a": 1,,"b": 2}', /column 9: there is a second comma/],
  ["a missing comma", '{"a": 1 "b": 2}', /column 9: is a comma missing/],
  ["a semicolon", '{"a": 1; "b": 2}', /column 8: .*not a semicolon/],
  ["an equals sign", '{"a"="b"}', /column 5: .*a colon/],
  ["quotes inside a string", '{"a": "she said "hi""}', /column 18: .*a quote inside a string/],
  ["a line break inside a string", '{"a": "b\nc"}', /column 7: a string has no end, or has a line break/],
  ["a Windows path", '{"a": "C:\\Users"}', /column 10: .*a single backslash/],
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
  assert.throws(
    () => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    /not UTF-8 text: byte 3 \(0xff\)/,
  );
  // The sign that decoding puts in its place may also be in the text.
  const latin1 = Buffer.concat([Buffer.from('{"é\ufffd":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
  assert.throws(() => parseJsonObject(latin1), /byte 11 \(0xe9\) cannot be read/);
});

test("parseJsonObject() survives 64 KiB of opening brackets", () => {
  assert.throws(() => parseJsonObject(Buffer.from("[".repeat(65_536))), Refusal);
});

test("parseJsonObject() skips the byte order mark that Windows puts before UTF-8 text", () => {
  assert.deepEqual(parseJsonObject(Buffer.from('\ufeff{"a":1}')), { a: 1 });
});
