import assert from "node:assert/strict";
import { test } from "node:test";
import { visible, visibleInLine } from "./visible.ts";

for (const [what, text, shown] of [
  ["an escape sequence", "\x1b[2Jx", "\\u001b[2Jx"],
  ["a bell, a backspace and a lone carriage return", "\x07a\bb\rc", "\\u0007a\\u0008b\\u000dc"],
  ["DEL and the C1 control characters", "\x7f\x80\x9b31m\x9f", "\\u007f\\u0080\\u009b31m\\u009f"],
  ["what turns the text around", "\u202eevil\u2066\u200f\u061c", "\\u202eevil\\u2066\\u200f\\u061c"],
  ["spaces of no width", "a\u200bd\ufeffa\u2060\u00ad", "a\\u200bd\\ufeffa\\u2060\\u00ad"],
  ["a joiner between letters that do not join", "a\u200dda", "a\\u200dda"],
  ["letters that are drawn as nothing", "\u3164\u115f\u2800", "\\u3164\\u115f\\u2800"],
  ["tags outside a flag", "a\u{e0041}", "a\\udb40\\udc41"],
  ["a variation selector after a letter or a digit", "a\ufe0f1\ufe0f", "a\\ufe0f1\\ufe0f"],
  ["half a character", "\ud83d!", "\\ud83d!"],
  ["separators that some terminals take for line breaks", "a\u2028b\u2029\x85", "a\\u2028b\\u2029\\u0085"],
]) {
  test(`visible() shows ${what}`, () => assert.equal(visible(text ?? ""), shown));
}

for (const text of [
  "plain words, ünïcödé and\ttabs\nin two lines",
  "👩‍👩‍👧 👩🏽‍🚒 ❤️ ❤️‍🔥 1️⃣ 🏳️‍🌈 🇩🇪 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
  "می‌خواهم क्‍ष عربي עברית 日本語 葛\u{e0100}",
]) {
  test(`visible() leaves as it is: ${text.slice(0, 20)}`, () => assert.equal(visible(text), text));
}

test("visibleInLine() shows line breaks and tabs as well", () => {
  assert.equal(visibleInLine("ada\n#2 12:00  grace\thi"), "ada\\u000a#2 12:00  grace\\u0009hi");
});
