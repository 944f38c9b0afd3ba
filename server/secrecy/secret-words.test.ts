import assert from "node:assert/strict";
import { test } from "node:test";
import { SECRET_LENGTH } from "../steps/limits.ts";
import { SECRET_WORDS, WORDS_IN_A_SECRET } from "./secret-words.ts";

/** Bits that an attacker has to guess at least, also one who knows how many characters the secret has. */
const BITS = 44;

/** How a word sounds, roughly: its consonants, and where there are vowels between them. */
function soundOf(word: string): string {
  return word
    .replace(/^kn/, "n")
    .replace(/^wr/, "r")
    .replaceAll("ph", "f")
    .replaceAll("wh", "w")
    .replace(/ck|qu?|c(?![eiyh])/g, "k")
    .replace(/c(?=[eiy])|z/g, "s")
    .replaceAll("x", "ks")
    .replace(/e$/, "")
    .replace(/(.)\1+/g, "$1")
    .replace(/[aeiouy]+/g, "a");
}

/** Whether one word becomes the other by one letter that is changed, left out, added, or swapped with the next. */
function isOneMistakeAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  const [a, b] = [short.slice(start), long.slice(start)];
  if (short.length < long.length) return a === b.slice(1);
  return a.slice(1) === b.slice(1) || (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2));
}

test("there are enough words that nobody can try all secrets, even if the length of the secret is known", () => {
  // How many secrets have each length: add one word after the other.
  let ways = new Map([[WORDS_IN_A_SECRET - 1, 1]]);
  for (let i = 0; i < WORDS_IN_A_SECRET; i++) {
    const longer = new Map<number, number>();
    for (const [length, count] of ways) {
      for (const word of SECRET_WORDS) {
        longer.set(length + word.length, (longer.get(length + word.length) ?? 0) + count);
      }
    }
    ways = longer;
  }
  const all = SECRET_WORDS.length ** WORDS_IN_A_SECRET;
  let bitsLeft = 0;
  for (const count of ways.values()) bitsLeft += (count / all) * Math.log2(count);
  assert.ok(Math.log2(all) >= BITS && bitsLeft >= BITS, `${Math.log2(all)} bits, ${bitsLeft} if the length is known`);
  for (const length of ways.keys()) assert.ok(length >= SECRET_LENGTH.min && length <= SECRET_LENGTH.max);
});

test("no word of a secret can be mixed up with another", () => {
  const sounds = new Map<string, string>();
  for (const [i, word] of SECRET_WORDS.entries()) {
    assert.match(word, /^[a-z]{3,8}$/);
    const sound = soundOf(word);
    assert.equal(sounds.get(sound), undefined, `${word} sounds like ${sounds.get(sound)}`);
    sounds.set(sound, word);
    for (const other of SECRET_WORDS.slice(i + 1)) {
      assert.ok(!word.startsWith(other) && !other.startsWith(word), `${word} and ${other} begin alike`);
      assert.ok(!isOneMistakeAway(word, other), `${word} and ${other} differ by one letter`);
    }
  }
});
