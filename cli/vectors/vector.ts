/**
 * The vectors of a lesson: texts, and what a learner's server must say about each. Started with `--vectors`, it reads
 * lines of JSON from standard input and writes one line for each. run-vectors.ts asks, and this file compares. It must
 * never need to know what is right: the file vectors.json says it.
 */
import { boolean, count, list, object, type Shape, text } from "../../client/shape.ts";

export interface Answer {
  codePoints: number;
  isHandle: boolean;
  isMessage: boolean;
  nfc: string;
}

export interface Vector extends Answer {
  text: string;
}

/** The contents of a vectors.json. */
export const vectorsShape: Shape<Vector[]> = list(
  object<Vector>({ text, codePoints: count, isHandle: boolean, isMessage: boolean, nfc: text }),
);

const FIELDS = ["codePoints", "isHandle", "isMessage", "nfc"] as const;
const MAX_NAMED = 12;

/** @returns what is wrong with the line, one sentence for each thing. Empty if it is right. */
export function mistakesIn(line: string, wanted: Vector): string[] {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return ["the line is not JSON"];
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return ["the line is not a JSON object"];
  const fields: Record<string, unknown> = { ...answer };
  return FIELDS.flatMap((name) => {
    if (fields[name] === undefined) return [`\`${name}\` is missing`];
    if (fields[name] === wanted[name]) return [];
    return [`\`${name}\` should be ${asciiJson(wanted[name])}, but it is ${asciiJson(fields[name])}`];
  });
}

/** The line for the program. */
export function question({ text }: Vector): string {
  return asciiJson({ text });
}

/** The right line. */
export function rightLine({ text: _text, ...answer }: Vector): string {
  return asciiJson(answer);
}

/** JSON in which each character outside ASCII is escaped, so that everybody sees which ones there are. */
export function asciiJson(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The code points of a text, in the way in which Unicode writes them. The first ones of a long text. */
export function codePointsOf(text: string): string {
  const all = [...text].map((each) => `U+${(each.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`);
  if (all.length === 0) return "no code point";
  const named = all.slice(0, MAX_NAMED).join(" ");
  return all.length > MAX_NAMED ? `${named} … (${all.length} in all)` : named;
}
