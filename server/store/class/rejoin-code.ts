/**
 * Makes the code with which a pupil who has lost the token joins again. It is short, so it counts once, for ten minutes,
 * and after five wrong tries no longer (class-folder.ts).
 */
import { randomInt } from "node:crypto";

/** Without 0, 1, I, L and O, which look alike on a wall. */
const CHARACTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LENGTH = 6;

export function makeCode(): string {
  return Array.from({ length: LENGTH }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join("");
}
