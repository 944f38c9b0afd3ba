/**
 * Finds the first place where a text stops being JSON. The messages of JSON.parse() differ between engines, and most do
 * not name the place. expectation.ts uses it.
 */
import { named } from "./show.ts";

/** Whole tokens of JSON, and the blanks around them. */
const BLANKS = /[ \t\n\r]*/y;
const STRING_WITHOUT_END = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;
const STRING = new RegExp(`${STRING_WITHOUT_END.source}"`, "uy");
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

const SHOWN_CHARACTERS = 20;

/** @returns a sentence about the first wrong place, or undefined if the text is JSON. */
export function mistakeInJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const at = firstWrongPlace(text);
    const character = at === undefined ? undefined : String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (at === undefined) return "it is not complete";
    if (at === 0 && character === "\ufeff") return "it begins with U+FEFF (a BOM), which nobody can see";
    const before = JSON.stringify(text.slice(Math.max(0, at - SHOWN_CHARACTERS), at));
    const where = at === 0 ? "it begins with" : `after ${before} comes`;
    return `${where} ${named(character)}`;
  }
}

/** Thrown at the first place that is wrong. */
class WrongAt extends Error {
  readonly at: number;

  constructor(at: number) {
    super();
    this.at = at;
  }
}

/** @returns undefined if the text only ends too early. */
function firstWrongPlace(text: string): number | undefined {
  try {
    const end = blanks(text, value(text, 0, 0));
    return end < text.length ? end : undefined;
  } catch (error) {
    if (error instanceof WrongAt) return error.at < text.length ? error.at : undefined;
    throw error;
  }
}

/** Deeper nesting than this is not looked into. */
const MAX_DEPTH = 500;

/** @returns the place after the value. @throws {WrongAt} */
function value(text: string, from: number, depth: number): number {
  const at = blanks(text, from);
  const opening = text[at];
  if (depth > MAX_DEPTH) throw new WrongAt(at);
  if (opening === '"') return token(STRING, text, at) ?? wrongInString(text, at);
  if (opening !== "{" && opening !== "[") return token(SCALAR, text, at) ?? wrong(at);
  const closing = opening === "{" ? "}" : "]";
  let next = blanks(text, at + 1);
  if (text[next] === closing) return next + 1;
  for (;;) {
    if (opening === "{") {
      if (text[next] !== '"') throw new WrongAt(next);
      const colon = blanks(text, token(STRING, text, next) ?? wrongInString(text, next));
      if (text[colon] !== ":") throw new WrongAt(colon);
      next = colon + 1;
    }
    next = blanks(text, value(text, next, depth + 1));
    if (text[next] === closing) return next + 1;
    if (text[next] !== ",") throw new WrongAt(next);
    next = blanks(text, next + 1);
  }
}

function blanks(text: string, at: number): number {
  return token(BLANKS, text, at) ?? at;
}

function token(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function wrongInString(text: string, at: number): never {
  throw new WrongAt(token(STRING_WITHOUT_END, text, at) ?? at);
}

function wrong(at: number): never {
  throw new WrongAt(at);
}
