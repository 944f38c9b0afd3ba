/**
 * Makes a class secret: five words that are easy to say aloud.
 */
import { randomInt } from "node:crypto";
import { SECRET_WORDS, WORDS_IN_A_SECRET } from "../../secrecy/secret-words.ts";

export function makeSecret(): string {
  const words = Array.from({ length: WORDS_IN_A_SECRET }, () => SECRET_WORDS[randomInt(SECRET_WORDS.length)]);
  return words.join("-");
}
