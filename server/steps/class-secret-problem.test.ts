import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOfSecret } from "./class-secret-problem.ts";

test("problemOfSecret() finds the mistakes that editing the file of the class secret can make", () => {
  for (const good of [
    "river-candle-orbit-maple",
    "fünf blaue Bären",
    "twelve-chars",
    "x".repeat(64),
    "🦉".repeat(12),
    "👩‍🚀👩‍🚀👩‍🚀👩‍🚀",
    "日本語の秘密の言葉です。はい",
  ]) {
    assert.equal(problemOfSecret({ text: good }), undefined, good);
  }
  for (const [text, what, advice] of [
    ["", /is empty, so nobody can register\.$/, /^Write 12 to 64 characters into users\/secret\.dat/],
    ["short", /must be 12 to 64 characters long\. It has 5, so nobody can register\.$/, /12 to 64/],
    ["x".repeat(65), /It has 65, so/, /12 to 64/],
    ["🦉".repeat(11), /It has 11, so/, /12 to 64/],
    ["first-line-of-two\nsecond", /has a line break in it, so nobody can register\.$/, /one line/],
    ["first-line-of-two\r\nsecond", /has a line break/, /one line/],
    ["river-candle\torbit-maple", /has a character that nobody can type \(U\+0009\)/, /Type the secret again/],
    ["river-candle\0orbit-maple", /\(U\+0000\)/, /Type the secret again/],
    ["river-candle\u200borbit-maple", /\(U\+200B\)/, /Type the secret again/],
    ["river-candle\u202eorbit-maple", /\(U\+202E\)/, /Type the secret again/],
    ["river\ufeff-candle-orbit-maple", /\(U\+FEFF\)/, /Type the secret again/],
    ["river\u00a0candle orbit maple", /\(U\+00A0\)/, /Type the secret again/],
    ["river-candle-orbit-mapl\ufffd", /\(U\+FFFD\)/, /Type the secret again/],
    ["fu\u0308nf blaue Ba\u0308ren", /has a letter in two parts, such as u and an accent/, /Type the secret again/],
  ] as const) {
    const problem = problemOfSecret({ text });
    assert.match(problem?.what ?? "", what, JSON.stringify(text));
    assert.match(problem?.what ?? "", /nobody can register/);
    assert.match(problem?.advice ?? "", advice);
  }
  assert.deepEqual(problemOfSecret({ unreadable: "it is a folder" }), {
    what: "The class secret cannot be read: it is a folder. So nobody can register.",
    advice: "Write 12 to 64 characters into users/secret.dat in the data folder, as the user who runs the server.",
  });
});
