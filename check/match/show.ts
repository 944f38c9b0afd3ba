/**
 * Shows values in the sentences about a reply: what was wanted beside what came. A long string is cut so that the first
 * difference stays, characters that nobody can see are written as \u200b, a letter in two parts as e\u0301, and characters that look alike are told apart
 * by their code points. match.ts and expectation.ts use it.
 */
import type { Json } from "../case.ts";
import { inItsParts } from "./in-its-parts.ts";

const MAX_SHOWN_CHARACTERS = 80;
/** Of a longer string, this much is shown before and after the first difference. */
const AROUND_CHARACTERS = 20;

/** Control, half and format characters, all blanks but the usual one, and others that are drawn as nothing. */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** The value as JSON, on one line, with nothing invisible in it. */
export function show(value: Json): string {
  const text = withoutHidden(JSON.stringify(value));
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

/** How two different strings differ: `"ab", but it is "aB"`. */
export function showDifference(wanted: string, came: string): string {
  const [left, right] = [[...wanted], [...came]];
  const first = firstDifference(left, right);
  const place = left.length > MAX_SHOWN_CHARACTERS || right.length > MAX_SHOWN_CHARACTERS ? first : undefined;
  const sentence = `${excerpt(left, place)}, but it is ${excerpt(right, place)}`;
  const [of, is] = [left[first], right[first]];
  const isPlain = (character: string | undefined) => character === undefined || /^[!-~]$/.test(character);
  // Plain letters and digits can be told apart by looking at them, where the whole of both strings is shown.
  if (isPlain(of) && isPlain(is) && place === undefined) return sentence;
  return `${sentence}: character ${first + 1} should be ${named(of)}, but it is ${named(is)}`;
}

/** A character with its code point: é (U+00E9). */
export function named(character: string | undefined): string {
  if (character === undefined) return "the end";
  const codePoint = character.codePointAt(0) ?? 0;
  const number = `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
  const isVisible = withoutHidden(character) === character && !/^[\p{M} ]/u.test(character);
  return isVisible ? `${character} (${number})` : number;
}

function firstDifference(left: string[], right: string[]): number {
  const i = left.findIndex((character, at) => character !== right[at]);
  return i === -1 ? left.length : i;
}

/** @param place the first difference, or undefined to show everything. */
function excerpt(characters: string[], place: number | undefined): string {
  if (place === undefined) return withoutHidden(JSON.stringify(characters.join("")));
  const from = Math.max(0, place - AROUND_CHARACTERS);
  const to = Math.min(characters.length, place + AROUND_CHARACTERS);
  const shown = withoutHidden(JSON.stringify(characters.slice(from, to).join("")));
  return `${from > 0 ? "…" : ""}${shown}${to < characters.length ? "…" : ""}`;
}

function withoutHidden(text: string): string {
  const shown = text.replace(HIDDEN, (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
  return inItsParts(shown);
}
