/**
 * What the marks in a case match, and the sentence for each mismatch. Placeholders are tested here, too.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../case.ts";
import { inWords, mistakesIn } from "./expectation.ts";
import { fill } from "./fill.ts";
import { inItsParts } from "./in-its-parts.ts";
import { mistakeInJson } from "./json-mistake.ts";
import { differences } from "./match.ts";

const table: [expected: Json, came: Json | undefined, wrong: string[]][] = [
  [{ userId: 2 }, { userId: 2, more: true }, []],
  [{ userId: 2 }, { userId: "2" }, ['`userId` should be 2, but it is "2" (a string instead of a number)']],
  [{ userId: 2 }, {}, ["`userId` is missing"]],
  [{ userId: 2 }, null, ["the body should be an object, but it is null"]],
  [{ userId: 2 }, [2], ["the body should be an object, but it is [2]"]],
  [{ userId: 2 }, { user_id: 2 }, ['`userId` is missing, but there is "user_id"']],
  [{ userId: 2 }, { "userId\u200b": 2 }, ['`userId` is missing, but there is "userId\\u200b"']],
  [{ m: ["a"] }, { m: "a" }, ['`m` should be a list, but it is "a"']],
  [{ a: "2" }, { a: ["2"] }, ['`a` should be "2", but it is ["2"] (a list instead of a string)']],
  [{ a: "2" }, { a: null }, ['`a` should be "2", but it is null']],
  [{ a: "<id>" }, { a: 1 }, []],
  [{ a: "<id>" }, { a: 0 }, ["`a` should be a whole number of 1 or more, without quotes, but it is 0"]],
  [{ a: "<id>" }, { a: "1" }, ['`a` should be a whole number of 1 or more, without quotes, but it is "1"']],
  [{ a: "<above 17>" }, { a: 18 }, []],
  [{ a: "<above 17>" }, { a: 17 }, ["`a` should be a whole number above 17, but it is 17"]],
  [{ a: "<not 17>" }, { a: 17 }, ["`a` should be different from 17, but it is 17"]],
  [{ a: "<token>" }, { a: "😀".repeat(12) }, []],
  [{ a: "<token>" }, { a: "short" }, ['`a` should be a string of 12-64 characters, but it is "short"']],
  [{ a: "<time>" }, { a: "2030-01-02T12:00:00.000Z" }, []],
  [{ a: "<time>" }, { a: 1893585600 }, ["`a` should be a time such as 2030-01-02T12:00:00.000Z, but it is 1893585600"]],
  [{ a: "<begins /problems/>" }, { a: "/problems/conflict" }, []],
  [
    { a: "<begins /problems/>" },
    { a: "about:blank" },
    ['`a` should be text that begins with /problems/, but it is "about:blank"'],
  ],
  [{ a: "<begins /problems/>" }, { a: 7 }, ["`a` should be text that begins with /problems/, but it is 7"]],
  [{ a: "<contains curl>" }, { a: "Try: Curl http://127.0.0.1" }, []],
  ["<contains curl>", { detail: "Try: curl http://127.0.0.1" }, []],
  ["<contains curl>", { a: 7 }, ['the body should contain "curl", but it is {"a":7}']],
  [{ a: "<unlike user-token-0001>" }, { a: "user-token-9375" }, []],
  [
    { a: "<unlike user-token-0009>" },
    { a: "user-token-0010" },
    ['`a` should be random, and not like user-token-0009, but it is "user-token-0010"'],
  ],
  [{ a: "<unlike user-token-0009>" }, { a: "user-token-0009-4711" }, []],
  [{ a: "<absent>" }, {}, []],
  [{ a: "<absent>" }, { a: null }, ["`a` should not be there"]],
  [{ m: [{ id: 1 }] }, { m: [{ id: 2 }] }, ["`m[0].id` should be 1, but it is 2"]],
  [{ m: [] }, { m: [1] }, ["`m` should have 0 items, but it has 1", "`m[0]` is one too many: 1"]],
  [
    { m: [{ id: 1 }, { id: 2 }] },
    { m: [{ id: 1 }, { id: 9 }, { id: 2 }] },
    ["`m` should have 2 items, but it has 3", "the first wrong item: `m[1].id` should be 2, but it is 9"],
  ],
  [{ m: [1, 2] }, { m: [1] }, ["`m` should have 2 items, but it has 1", "after the last item, 2 is missing"]],
  [{ m: { "<count>": 2 } }, { m: [1] }, ["`m` should have 2 items, but it has 1"]],
  [
    { m: { "<each>": { id: "<id>" } } },
    { m: [{ id: 1 }, { id: -1 }] },
    ["`m[1].id` should be a whole number of 1 or more, without quotes, but it is -1"],
  ],
  [{ m: { "<ascending>": "id" } }, { m: [{ id: 9 }, { id: 10 }] }, []],
  [
    { m: { "<ascending>": "id" } },
    { m: [{ id: 10 }, { id: 9 }] },
    ["`m[1].id` should be greater than `m[0].id`, which is 10, but it is 9"],
  ],
  [
    { m: { "<ascending>": "id" } },
    { m: [...Array.from({ length: 90 }, (_, i) => ({ id: i })), { id: 3 }] },
    ["`m[90].id` should be greater than `m[89].id`, which is 89, but it is 3"],
  ],
  [
    { m: { "<different>": "t" } },
    { m: [{ t: "b" }, { t: "a" }, { t: "a" }] },
    ['`m[2].t` should not be the same as `m[1].t`, but both are "a"'],
  ],
];

test("differences() returns one sentence for each difference", () => {
  for (const [expected, came, wrong] of table) {
    assert.deepEqual(differences(expected, came), wrong, `${JSON.stringify(expected)} and ${JSON.stringify(came)}`);
  }
});

/** What a learner reads in the place of two strings. */
const strings: [wanted: string, came: string, shown: string][] = [
  ["river", "rover", '"river", but it is "rover"'],
  ["é", "e\u0301", '"é", but it is "e\\u0301": character 1 should be é (U+00E9), but it is e (U+0065)'],
  ["ada", "аda", '"ada", but it is "аda": character 1 should be a (U+0061), but it is а (U+0430)'],
  ["ada", "\ufeffada", '"ada", but it is "\\ufeffada": character 1 should be a (U+0061), but it is U+FEFF'],
  ["ada", "ada\u0000", '"ada", but it is "ada\\u0000": character 4 should be the end, but it is U+0000'],
  ["a b", "a\u00a0b", '"a b", but it is "a\\u00a0b": character 2 should be U+0020, but it is U+00A0'],
  ["a\u200bb", "ab", '"a\\u200bb", but it is "ab": character 2 should be U+200B, but it is b (U+0062)'],
  ["😀", "😀\ud83d", '"😀", but it is "😀\\ud83d": character 2 should be the end, but it is U+D83D'],
  [
    `${"x".repeat(100)}a${"y".repeat(100)}`,
    `${"x".repeat(100)}b${"y".repeat(100)}`,
    `…"${"x".repeat(20)}a${"y".repeat(19)}"…, but it is …"${"x".repeat(20)}b${"y".repeat(19)}"…: character 101 should be a (U+0061), but it is b (U+0062)`,
  ],
];

test("two strings are shown where they differ, with what nobody can see and what looks alike", () => {
  for (const [wanted, came, shown] of strings) {
    assert.deepEqual(differences({ a: wanted }, { a: came }), [`\`a\` should be ${shown}`]);
  }
});

const notJson: [text: string, mistake: string][] = [
  ["{'a': 1}", `after "{" comes ' (U+0027)`],
  ["\ufeff{}", "it begins with U+FEFF (a BOM), which nobody can see"],
  ["{}\u0000", 'after "{}" comes U+0000'],
  ['{"a": None}', 'after "{\\"a\\": " comes N (U+004E)'],
  ['{"a": 1,}', 'after "{\\"a\\": 1," comes } (U+007D)'],
  ['{"a": "x\ny"}', 'after "{\\"a\\": \\"x" comes U+000A'],
  ['{"a": [1, 2', "it is not complete"],
  ["Not Found", "it begins with N (U+004E)"],
];

test("the first place that is not JSON is named", () => {
  for (const [text, mistake] of notJson) assert.equal(mistakeInJson(text), mistake);
  assert.equal(mistakeInJson(' {"a": [1, -2.5e3, true, null, "\\u00e9"]}\n'), undefined);
});

test("<now> allows a clock that is a little wrong, but not a local time", () => {
  const hoursAway = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  for (const near of [0, 0.3, -0.3]) assert.deepEqual(differences("<now>", hoursAway(near)), [], String(near));
  for (const far of [hoursAway(0.5), hoursAway(1), hoursAway(-5), hoursAway(0).replace("Z", ""), 7, null]) {
    const [sentence = ""] = differences("<now>", far);
    assert.match(sentence, /^the body should be the present time in UTC, about \d{4}-.*Z, but it is /);
  }
});

test("fill() replaces placeholders and keeps the type of the value", () => {
  const values = { "ada.userId": 7, secret: "river", new: "new-1", n: 3 };
  assert.deepEqual(fill({ myId: "{ada.userId}", list: ["{n}"], text: "no {n}: {secret}" }, values), {
    myId: 7,
    list: [3],
    text: "no 3: river",
  });
  assert.equal(fill("{x*3}{😀*2}", values), "xxx😀😀");
  assert.equal(fill("{new*8}", values), "new-1xxx");
  assert.equal(fill('{"secret":"{secret}","a":{}}', values), '{"secret":"river","a":{}}');
  assert.throws(() => fill("{nobody.userId}", values), /nobody/);
});

test("a header that must only be there has no text in the report", () => {
  assert.equal(
    inWords({ headers: { "request-id": "", allow: "GET" } }, {}),
    'header request-id, header allow with "GET"',
  );
  const reply = { status: 200, headers: { "request-id": "7" }, text: "", milliseconds: 0 };
  assert.deepEqual(mistakesIn(reply, { headers: { "request-id": "" } }, {}), []);
  assert.deepEqual(mistakesIn({ ...reply, headers: {} }, { headers: { "request-id": "" } }, {}), [
    "the header request-id is missing",
  ]);
});

test("{id.n} is what the request with the number {n} kept", () => {
  const values = { "id.1": 7, "id.2": 8, n: 2 };
  assert.deepEqual(fill({ messageId: "{id.n}", text: "{n}: {id.n}" }, values), { messageId: 8, text: "2: 8" });
  assert.throws(() => fill("{id.n}", { ...values, n: 3 }), /no value for the placeholder \{id\.n\}/);
});

test("inItsParts() tells a letter in parts from the composed one, in every script", () => {
  for (const [text, shown] of [
    ["zoe\u0301 zoé", "zoe\\u0301 zoé"],
    ["\u1112\u1161\u11ab 한", "\u1112\\u1161\\u11ab 한"],
    ["a\u0301\u0323 ạ́", "a\\u0301\\u0323 ạ́"],
    ["\u212b Å", "\\u212b Å"],
    ["\u0958 \u0915\u093c", "\\u0958 \u0915\u093c"],
    ["ünïcödé हिन्दी x\u0301 👩‍🔬", "ünïcödé हिन्दी x\u0301 👩‍🔬"],
  ] as const) {
    assert.equal(inItsParts(text), shown);
  }
});
