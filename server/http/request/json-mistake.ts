/**
 * Finds out what is wrong with a text that is not JSON, and says it in a sentence for beginners, with the line and the
 * column. json-object.ts calls it. The sentence must never repeat the text, because it may contain a secret.
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

/** Mistakes that show in the text where reading stopped. */
const PLACES: readonly [there: RegExp, sentence: string][] = [
  [/^[“”„‟″]/u, 'these quotes are curly. Use straight ones: ".'],
  [/^(True|False|None|nil|undefined)\b/, "JSON only knows true, false and null, in small letters."],
  [/^'/, "JSON needs double quotes around strings, not single quotes."],
  [
    /^"/,
    // In words, because the client shows this sentence inside JSON, where each backslash is written twice.
    "a string has no end, or has a line break or a single backslash in it. Write a line break as a backslash and the letter n, and a backslash as two backslashes.",
  ],
  [/^=/, 'put a colon between a name and its value: "name": "value".'],
  [/^;/, "put a comma between two fields, not a semicolon."],
  [/^(\/\/|\/\*|#)/, "JSON has no comments."],
  [/^[A-Za-z_]/, "put double quotes around text."],
];

/** One token of JSON: a string, a number, a word, a sign, or the space between them. */
const TOKEN =
  /"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b|[{}[\]:,]|[ \t\r\n]+/uy;

/** @param error what JSON.parse() threw. */
export function describeJsonMistake(text: string, error: unknown): string {
  const trimmed = text.trim();
  const shape = SHAPES.find(([pattern]) => pattern.test(trimmed));
  if (shape !== undefined) return shape[1];
  if (/,\s*\}$/.test(trimmed)) return "There is an extra comma before the closing brace.";
  const { at, isToken } = firstMistake(text, error);
  if (at >= text.trimEnd().length) return "It ends too early: a closing brace is missing.";
  const rest = text.slice(at);
  const followsString = /^\w/.test(rest) && text[at - 1] === '"';
  const place = isToken || followsString ? undefined : PLACES.find(([pattern]) => pattern.test(rest));
  return `At ${lineAndColumn(text, at)}: ${place?.[1] ?? explain(text, at)}`;
}

/** Where reading stops: at a valid token in the wrong place (`isToken`), or at text that is no token at all. */
function firstMistake(text: string, error: unknown): { at: number; isToken: boolean } {
  TOKEN.lastIndex = 0;
  let end = 0;
  while (TOKEN.test(text)) end = TOKEN.lastIndex;
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  const at = position === undefined ? end : Number(position);
  return at < end ? { at, isToken: true } : { at: end, isToken: false };
}

function explain(text: string, at: number): string {
  if (text[at] === '"' || text[at - 1] === '"') {
    return "is a comma missing, or is there a quote inside a string? Inside a string, put a backslash before a quote.";
  }
  const before = text.slice(0, at).trimEnd().at(-1) ?? "";
  if (before === "}" && !/[{[]/.test(text.slice(0, at).replace(/^\s*\{/, "")))
    return "nothing may follow the last brace.";
  return "this does not belong here.";
}

function lineAndColumn(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
