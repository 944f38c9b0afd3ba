/**
 * Tests that what the terminal program prints can be copied into a shell: a real shell gives each word back.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { commandLine, shellWord } from "./shell-word.ts";

const WORDS = [
  "ada",
  "a b c",
  "o'neill",
  `"quoted"`,
  "$HOME",
  "`date`",
  "a;b",
  "a&b",
  "a|b>c",
  "#1",
  "~",
  "-x",
  "--as",
  "!!",
  "a\\b",
  "*",
  "{a,b}",
  "=ls",
  "Zoë",
  "日本",
  "👋",
  "http://127.0.0.1:8080/?a=1&b=2",
  "",
];

test("a shell takes each word for one argument, as it was", () => {
  for (const word of WORDS) {
    const given = execFileSync("sh", ["-c", `printf '%s\n' ${shellWord(word, false)} end`], { encoding: "utf8" });
    assert.equal(given, `${word}\nend\n`, word);
  }
  assert.equal(shellWord("Zoë", false), "Zoë", "nothing is quoted without need");
  assert.equal(shellWord('say "a b"', true), '"say ""a b"""');
});

test("a word that looks like an option comes after two dashes", () => {
  assert.match(commandLine("rejoin", ["ada", "K7Q2MX"]), /plainchat rejoin ada K7Q2MX$/);
  assert.match(
    commandLine("rejoin", ["-ada", "K7Q2MX"], { "--url": "http://a.b" }),
    / rejoin --url http:\/\/a\.b -- '?-ada'? K7Q2MX$/,
  );
});
