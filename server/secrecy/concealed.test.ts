import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { makeAuthToken } from "../store/users/auth-token.ts";
import { Concealed } from "./concealed.ts";
import { coverSecrets } from "./looks-secret.ts";
import { SECRET_WORDS, WORDS_IN_A_SECRET } from "./secret-words.ts";

const someWords = fc.array(fc.constantFrom(...SECRET_WORDS), {
  minLength: WORDS_IN_A_SECRET,
  maxLength: WORDS_IN_A_SECRET,
});
const secret = fc.oneof(
  someWords.map((words) => words.join("-")),
  fc.constant(0).map(() => makeAuthToken()),
);

const escaped = (write: (code: number) => string) => (text: string) =>
  [...text].map((character) => write(character.charCodeAt(0))).join("");
const hex = (code: number, digits: number) => code.toString(16).padStart(digits, "0");
/** Every way of writing a secret that somebody could read back. */
const FORMS: Record<string, (text: string) => string> = {
  plain: (text) => text,
  base64: (text) => Buffer.from(`1:${text}`).toString("base64"),
  base64url: (text) => Buffer.from(text).toString("base64url"),
  "base64 with something before it": (text) => `=x${Buffer.from(text).toString("base64")}`,
  hex: (text) => Buffer.from(text).toString("hex"),
  "percent signs": escaped((code) => `%${hex(code, 2)}`),
  "a hyphen as a percent sign": (text) => text.replaceAll("-", "%2D"),
  "escapes of JSON": escaped((code) => `\\u${hex(code, 4)}`),
  "escapes of JavaScript": escaped((code) => `\\x${hex(code, 2)}`),
  "escapes of HTML": escaped((code) => `&#${code};`),
  "a URL": (text) => `http://x/?${encodeURIComponent(`secret=${text}`)}`,
  "base64 in a URL": (text) => encodeURIComponent(Buffer.from(`1:${text}`).toString("base64")),
  "the escape of a line break before it": (text) => `a\\n${text}\\n`,
  "JSON in JSON": (text) => JSON.stringify(JSON.stringify({ secret: text })),
};

test("a token and a class secret are covered in every form", () => {
  for (const [name, form] of Object.entries(FORMS)) {
    fc.assert(
      fc.property(secret, fc.constantFrom("", "it is ", "Authorization: Basic "), (text, before) => {
        const shown = coverSecrets(`${before}${form(text)} or not`);
        assert.ok(!shown.includes(form(text)) && !shown.includes(text), `${name}: ${shown}`);
        assert.match(shown, /characters, not shown\)/);
      }),
      { numRuns: 30 },
    );
  }
});

test("a class secret is covered however its words are written, and so is more than half of it", () => {
  fc.assert(
    fc.property(someWords, fc.constantFrom("-", " ", "_", ".", ", ", " - ", ""), (words, separator) => {
      for (const text of [words, words.map((word) => word.toUpperCase()), words.slice(0, 3), words.slice(2)]) {
        const shown = coverSecrets(`Mine: ${text.join(separator)}!`);
        assert.match(shown, /^Mine: \(\d+ characters, not shown\)!$/);
      }
    }),
    { numRuns: 50 },
  );
});

test("what people write is not covered", () => {
  for (const text of [
    "The quick brown fox jumps over the lazy dog, and then it goes home.",
    "users/6382b3cc881412b77bfcaeed026001c00d9e3025e66c20f6e7e92f079851462a.dat",
    "A state-of-the-art mother-in-law: see http://127.0.0.1:8080/api/v1/chat/stream?after=17&box=both",
    '{"userHandle":"grace","message":"hello, Grace"}',
    "Grüße aus München, 日本語でも 👩‍👩‍👧, %20 and 100 %",
    "x".repeat(100),
    "MaxMustermann2012, grandmaster_flash-2026 and ThePupilWithTheLongestName",
    "2030-01-02T12:00:00.000Z",
  ]) {
    assert.equal(coverSecrets(text), text);
  }
});

test("Concealed covers what a request calls its secret, in other letters, in another form, and half of it", () => {
  const concealed = new Concealed();
  const given = "Größe, 42 zoé'\"!";
  concealed.add(given);
  for (const text of [given, given.normalize("NFD"), given.toUpperCase().replace("SS", "ß"), given.slice(0, 12)]) {
    assert.match(concealed.cover(`I say: ${text}.`), /^I say: \(\d+ characters, not shown\)/, text);
  }
  const basic = Buffer.from(`1:${given}`).toString("base64");
  assert.equal(concealed.cover(`Basic ${basic}`), `Basic (${basic.length} characters, not shown)`);
  assert.equal(concealed.cover(given.slice(0, 11)), given.slice(0, 11), "too short to be one");
  assert.equal(concealed.coverFile(`{"a":${JSON.stringify(given)}}`), '{"a":"(16 characters, not shown)"}');
});

test("Concealed covers a hash of something hidden, and a checksum of a line with something hidden in it", () => {
  const concealed = new Concealed();
  const hash = "0123456789abcdef".repeat(4);
  concealed.addMade(hash, "ada");
  assert.equal(concealed.cover(`users/${hash}.dat`), `users/${hash}.dat`);
  concealed.addMade(hash, "I am balloon-kitten-lemon-robin-star");
  assert.equal(concealed.cover(`users/${hash}.dat`), "users/(64 characters, not shown).dat");
  const line = (message: string) => JSON.stringify({ message, digest: "a1b2c3d4", crc: "9f3a0c1b" });
  assert.equal(concealed.coverFile(`${line("hi")}\n`), `${line("hi")}\n`);
  const covered = JSON.parse(concealed.coverFile(line(`\n${makeAuthToken()}`)));
  assert.deepEqual(covered, {
    message: "\n(32 characters, not shown)",
    digest: "(not shown)",
    crc: "(not shown)",
  });
});

test("covering takes no longer for hostile texts", () => {
  const started = performance.now();
  for (const text of ["abc-", "acorn", "%61", "ab", "A1a-", "Aa1_", "\\u0061", "abcdefghijkl"])
    coverSecrets(text.repeat(16_000));
  assert.ok(performance.now() - started < 2_000);
});
