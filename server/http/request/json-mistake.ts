/**
 * Finds out what is wrong with a text that is not JSON, and says it in a sentence for beginners, with the line and the
 * column. json-object.ts calls it. The sentence must never repeat the text, because it may contain a secret. Backslashes
 * are named in words, because the client shows the sentence inside JSON, where each backslash is written twice.
 */

/** Mistakes that show in the body as a whole. */
const SHAPES: readonly [shape: RegExp, sentence: string][] = [
  [/^\w+=/, 'It looks like a form (name=value). Write {"name": "value"}.'],
  [/^--/, "It looks like a form with files (curl -F). Send JSON with -d."],
  [/^'/, "It begins with a single quote: your shell passed the quotes on. On Windows, put the JSON in a file."],
  [/^\{\s*\\"/, "There are backslashes before the quotes: your shell passed them on. Put the JSON in a file."],
  [/^\{\s*'/, "JSON needs double quotes around names and strings, not single quotes."],
  [/^\{\s*[A-Za-z_]/, "JSON needs double quotes around names."],
  [/^[^{[]*$/, 'Write {"name": "value"}, with double quotes.'],
];

const NAME_AND_VALUE = 'Write "name": "value".';
const MISSING_COMMA_OR_QUOTE =
  "is a comma missing, is a quote missing further left, or is there a quote inside a string? There, put a backslash before it.";
const BAD_NUMBER =
  "JSON does not know this way to write a number. Leave out a plus sign and zeros at the front, and put digits before and after the point.";

/** What is wrong with some text, whatever was expected in its place. */
const ANYWHERE: readonly [there: RegExp, sentence: string][] = [
  [/^[“”„‟″]/u, 'these quotes are curly. Use straight ones: ".'],
  [/^'/, "JSON needs double quotes around strings, not single quotes."],
  [/^(\/\/|\/\*|#)/, "JSON has no comments."],
  [
    /^[\p{Cc}\p{Cf}\p{Z}]/u,
    "there is an invisible character here, or an unusual space. Delete it, and type a normal space.",
  ],
];

/** What the reader expects next. */
type Place =
  | "value"
  /** After the comma of a list. */
  | "next value"
  | "first value or end"
  | "name"
  | "first name or end"
  | "colon"
  | "comma or end"
  /** After the last brace. */
  | "nothing";

/** What is wrong with a text in a certain place. The first that fits counts. */
const IN_PLACE: Record<Place, readonly [there: RegExp, sentence: string][]> = {
  value: [
    [/^[,}\]]/, `a value is missing before this. ${NAME_AND_VALUE}`],
    [/^:/, "there is a second colon."],
  ],
  "next value": [[/^,/, "there is a second comma, without a value before it."]],
  "first value or end": [[/^,/, "there is a comma, without a value before it."]],
  name: [
    [/^,/, "there is a second comma. Delete one of the two."],
    [/^[:{[\d-]/, `a name is missing before this. ${NAME_AND_VALUE}`],
    [/^[\p{L}_]/u, "JSON needs double quotes around names."],
  ],
  "first name or end": [
    [/^,/, "there is a comma, without a field before it."],
    [/^[:{[\d-]/, `a name is missing before this. ${NAME_AND_VALUE}`],
    [/^[\p{L}_]/u, "JSON needs double quotes around names."],
  ],
  colon: [
    [/^[,}\]]/, `a field has a name but no value. ${NAME_AND_VALUE}`],
    [/^=/, 'put a colon between a name and its value: "name": "value".'],
    [/^["{[\d-]/, "a colon is missing between a name and its value."],
    [/^[\p{L}_]/u, "a colon is missing here, or a quote is missing at the end of the name before it."],
  ],
  "comma or end": [
    [/^;/, "put a comma between two fields, not a semicolon."],
    [/^:/, "there is a colon after a value. Is a comma, a name or a quote missing before it?"],
    [/^"/, MISSING_COMMA_OR_QUOTE],
    [/^[\p{L}\p{N}_{[-]/u, "a comma is missing before this."],
  ],
  nothing: [],
};

/** After these, a text where a value belongs is wrong in itself. */
const WRONG_VALUES: readonly [there: RegExp, sentence: string][] = [
  [/^(True|False|None|nil|undefined)\b/, "JSON only knows true, false and null, in small letters."],
  [/^[+.\d-]/, BAD_NUMBER],
  [/^[\p{L}_]/u, "put double quotes around text."],
];

type Bracket = "{" | "[";

interface Mistake {
  /** An index into the text. */
  at: number;
  sentence: string;
  /** Set if the text ends before the JSON does. Then the place says nothing. */
  isEnd?: true;
}

export function describeJsonMistake(text: string): string {
  const trimmed = text.trim();
  const shape = SHAPES.find(([pattern]) => pattern.test(trimmed));
  if (shape !== undefined) return shape[1];
  const { at, sentence, isEnd } = firstMistake(text) ?? { at: 0, sentence: "this does not belong here." };
  return isEnd ? `It ends too early: ${sentence}` : `At ${lineAndColumn(text, at)}: ${sentence}`;
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER_OR_WORD = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\p{L}\p{N}_.+-])/uy;

/** Reads the text up to its first mistake. It does not call itself, because the brackets may be thousands deep. */
export function firstMistake(text: string): Mistake | undefined {
  const open: Bracket[] = [];
  let place: Place = "value";
  let at = 0;
  const afterValue = (): Place => (open.length === 0 ? "nothing" : "comma or end");
  for (;;) {
    at = endOf(SPACE, text, at) ?? at;
    const next = text[at];
    const inside = open.at(-1);
    if (next === undefined)
      return place === "nothing" ? undefined : { at, sentence: atEnd(place, inside), isEnd: true };
    const wantsValue = place === "value" || place === "next value" || place === "first value or end";
    const wantsName: boolean = place === "name" || place === "first name or end";
    const wantsEnd = place === "comma or end" || place === "first name or end" || place === "first value or end";
    if (next === '"' && (wantsValue || wantsName)) {
      const end = endOfString(text, at);
      if (typeof end !== "number") return end;
      at = end;
      place = wantsName ? "colon" : afterValue();
    } else if ((next === "{" || next === "[") && wantsValue) {
      open.push(next);
      place = next === "{" ? "first name or end" : "first value or end";
      at++;
    } else if (next === ":" && place === "colon") {
      place = "value";
      at++;
    } else if (next === "," && place === "comma or end") {
      place = inside === "{" ? "name" : "next value";
      at++;
    } else if (next === (inside === "{" ? "}" : "]") && inside !== undefined && wantsEnd) {
      open.pop();
      place = afterValue();
      at++;
    } else {
      const end = wantsValue ? endOf(NUMBER_OR_WORD, text, at) : undefined;
      if (end === undefined) return mistakeAt(text, at, place, inside);
      at = end;
      place = afterValue();
    }
  }
}

function mistakeAt(text: string, at: number, place: Place, inside: Bracket | undefined): Mistake {
  const rest = text.slice(at);
  const isClosing = rest[0] === "}" || rest[0] === "]";
  if (isClosing && (place === "name" || place === "next value")) {
    const bracket = rest[0] === "}" ? "closing brace" : "closing bracket";
    return { at: text.lastIndexOf(",", at), sentence: `there is an extra comma before the ${bracket}.` };
  }
  if (isClosing && inside !== undefined && place !== "value" && place !== "colon") {
    const sentence =
      inside === "["
        ? "a list must end with a bracket (]), and this is a brace."
        : "an object must end with a brace (}), and this is a bracket.";
    return { at, sentence };
  }
  const followsQuote = text[at - 1] === '"' && /^[\p{L}\p{N}_]/u.test(rest);
  if (followsQuote && place === "comma or end") return { at, sentence: MISSING_COMMA_OR_QUOTE };
  const wantsValue = place === "value" || place === "next value" || place === "first value or end";
  if (place === "nothing" && !/^(\/\/|\/\*|#)/.test(rest)) {
    const last = text.slice(0, at).trimEnd().at(-1);
    const what = last === "}" ? "the last brace" : last === "]" ? "the last bracket" : "this value";
    return { at, sentence: `nothing may follow ${what}.` };
  }
  if (wantsValue && inside === undefined && /^[^“”„‟″/#\p{C}\p{Z}]/u.test(rest))
    return { at, sentence: "the text must begin with a brace ({)." };
  const found = [...ANYWHERE, ...IN_PLACE[place], ...(wantsValue ? WRONG_VALUES : [])].find(([there]) =>
    there.test(rest),
  );
  return { at, sentence: found?.[1] ?? "this does not belong here." };
}

/** What is missing at the end of the text. */
function atEnd(place: Place, inside: Bracket | undefined): string {
  if (place === "colon") return "a field has a name but no value.";
  if (place === "value" && inside !== undefined) return "a value is missing after the last colon.";
  return `${inside === "[" ? "a closing bracket" : "a closing brace"} is missing.`;
}

/** @returns the index after the string that begins at `start`, or what is wrong with it. */
function endOfString(text: string, start: number): number | Mistake {
  for (let at = start + 1; at < text.length; at++) {
    const next = text[at] ?? "";
    if (next === '"') return at + 1;
    if (next === "\n" || next === "\r") {
      return {
        at: start,
        sentence:
          "a string has no end, or has a line break in it. Put a quote at its end, and write a line break as a backslash and the letter n.",
      };
    }
    if (next === "\t")
      return { at, sentence: "a string has a tab in it. Write a tab as a backslash and the letter t." };
    if (next < " ") return { at, sentence: "a string has a control character in it. Delete it." };
    if (next === "\\") {
      const end = endOf(ESCAPE, text, at);
      if (end === undefined && text[at + 1] === "u")
        return { at, sentence: "after a backslash and the letter u, a string needs four hexadecimal digits." };
      if (end === undefined)
        return { at, sentence: "a string has a single backslash in it. Write a backslash as two backslashes." };
      at = end - 1;
    }
  }
  return { at: start, sentence: "a string has no end. Put a quote at its end." };
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** @returns where the match of a sticky pattern ends, or undefined if it does not match at this place. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function lineAndColumn(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  // Characters, not units of UTF-16, so that an emoji is one column.
  return `line ${lines.length}, column ${[...(lines.at(-1) ?? "")].length + 1}`;
}
