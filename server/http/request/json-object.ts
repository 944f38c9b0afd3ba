/**
 * Reads the body of a request: one JSON object in UTF-8. JSON.parse() accepts the same field twice and keeps the last
 * one. Here that is refused, because a client that sends two values cannot know which one counts.
 */
import { isUtf8 } from "node:buffer";
import type { Inputs } from "../../steps/call.ts";
import { KNOWN_FIELDS, LOOKS_LIKE_A_NAME } from "../../steps/near-miss.ts";
import { Refusal } from "../../steps/refusal.ts";
import { describeJsonMistake } from "./json-mistake.ts";
import { wrongByte } from "./wrong-byte.ts";

/** @throws {Refusal} 400 with a sentence about what is wrong with the body. */
export function parseJsonObject(body: Buffer): Inputs {
  if (!isUtf8(body)) throw new Refusal(400, `The request body is not UTF-8 text: ${wrongByte(body)}.`);
  // Some editors and shells, mostly on Windows, put a byte order mark before UTF-8 text. It means nothing, so skip it.
  const text = body.toString("utf8", body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'The request body must be a JSON object: {"name": value, …}.');
  }
  if (countFields(text) !== Object.keys(value).length) {
    const { shown, field } = repeatedField(text);
    throw new Refusal(400, `The request body has the same field twice${shown}. Send it once.`, field);
  }
  return value as Inputs;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, `The request body is not JSON. ${describeJsonMistake(text)}`);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Counts the fields of the outermost object by its colons outside strings. The text must be valid JSON. */
function countFields(text: string): number {
  let fields = 0;
  eachColon(text, () => fields++);
  return fields;
}

/** @returns the name of the field, unless it could be something else than a name, and the input that it is, if any. */
function repeatedField(text: string): { shown: string; field?: string } {
  const seen = new Set<string>();
  let repeated: string | undefined;
  eachColon(text, (start, end) => {
    const name: string = JSON.parse(text.slice(start, end));
    if (seen.has(name)) repeated ??= name;
    seen.add(name);
  });
  if (repeated === undefined || !LOOKS_LIKE_A_NAME.test(repeated)) return { shown: "" };
  return { shown: `: \`${repeated}\``, ...(KNOWN_FIELDS.has(repeated) && { field: repeated }) };
}

/** Calls back with the place of each name in the outermost object. The text must be valid JSON. */
function eachColon(text: string, tell: (start: number, end: number) => void): void {
  let depth = 0;
  let [start, end] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      start = i;
      i = endOfString(text, i);
      end = i + 1;
    } else if (unit === COLON && depth === 1) tell(start, end);
    // `{` and `[` differ in one bit, and so do `}` and `]`. Nothing else outside strings matches.
    else if ((unit | 0x20) === 0x7b) depth++;
    else if ((unit | 0x20) === 0x7d) depth--;
  }
}

/** The index of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** Whether an odd number of backslashes comes before an index. */
function isEscaped(text: string, index: number): boolean {
  let before = index - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (index - before) % 2 === 0;
}
