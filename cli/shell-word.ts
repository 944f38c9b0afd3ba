/**
 * Puts a word into a command so that people can copy it into their shell, whatever is in it: handles and addresses may
 * have blanks, quotes and signs that a shell takes for its own.
 */
import { LAUNCHER } from "./launcher.ts";

/** Nothing in it means anything to a shell. */
const PLAIN = /^[\p{L}\p{N}_@%+:,./][\p{L}\p{M}\p{N}_@%+=:,./-]*$/u;
const IS_WINDOWS = process.platform === "win32";

/** @returns the word as one argument of a command. */
export function shellWord(word: string, isWindows = IS_WINDOWS): string {
  if (PLAIN.test(word) && !(isWindows && word.includes("%"))) return word;
  if (isWindows) return `"${word.replaceAll('"', '""')}"`;
  // In a shell, a single quote ends a quoted text. So one inside is written as: end, escaped quote, begin again.
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A whole command to copy.
 * @param name such as "rejoin". @param words its arguments. @param options such as `--url`, with their values.
 */
export function commandLine(name: string, words: string[], options: Record<string, string> = {}): string {
  const flags = Object.entries(options).flatMap(([flag, value]) => [flag, shellWord(value)]);
  // After two dashes, nothing is an option.
  const isLikeOption = words.some((word) => word.startsWith("-"));
  return [LAUNCHER, name, ...flags, ...(isLikeOption ? ["--"] : []), ...words.map((word) => shellWord(word))].join(" ");
}
