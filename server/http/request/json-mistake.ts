/**
 * Says what is wrong with a text that is not JSON, in the words of someone who has seen beginners make that mistake,
 * and where. The text itself is never repeated: there may be a secret in it.
 */

/** Mistakes that the whole body shows. */
const SHAPES: readonly [shape: RegExp, sentence: string][] = [
  [/^\w+=/, 'It looks like a form (name=value). Write {"name": "value"}.'],
  [/^--/, "It looks like a form with files (curl -F). Send JSON with -d."],
  [/^'/, "It begins with a single quote: your shell passed the quotes on. On Windows, put the JSON into a file."],
  [/^\{\s*\\"/, "There are backslashes before the quotes: your shell passed them on. Put the JSON into a file."],
  [/^\{\s*'/, "JSON wants double quotes around names and strings, not single ones."],
  [/^\{\s*[A-Za-z_]/, "JSON wants double quotes around names."],
  [/^[^{[]*$/, 'Write {"name": "value"}, with double quotes.'],
];

/** What stands at the place where reading stopped. */
const PLACES: readonly [there: RegExp, sentence: string][] = [
  [/^[“”„‟″]/u, 'the quotes are curly. Write straight ones: ".'],
  [/^(True|False|None|nil|undefined)\b/, "JSON writes true, false and null, in small letters."],
  [/^'/, "JSON wants double quotes around strings, not single ones."],
  [/^"/, "a string is not closed, or has a line break or a lone backslash in it. Write \\n, and \\\\ for a backslash."],
  [/^=/, 'between a name and its value stands a colon: "name": "value".'],
  [/^;/, "JSON wants a comma between two fields, not a semicolon."],
  [/^(\/\/|\/\*|#)/, "JSON has no comments."],
  [/^[A-Za-z_]/, "a text needs double quotes around it."],
];

/** One thing that may stand in JSON: a string, a number, a word, a sign, or space between them. */
const TOKEN =
  /"(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b|[{}[\]:,]|[ \t\r\n]+/uy;

/** @param error what JSON.parse() threw. */
export function describeJsonMistake(text: string, error: unknown): string {
  const trimmed = text.trim();
  const shape = SHAPES.find(([pattern]) => pattern.test(trimmed));
  if (shape !== undefined) return shape[1];
  if (/,\s*\}$/.test(trimmed)) return "There is a comma too many before the closing brace.";
  const { at, isToken } = firstMistake(text, error);
  if (at >= text.trimEnd().length) return "It ends too early: a closing brace is missing.";
  const rest = text.slice(at);
  const isBehindString = /^\w/.test(rest) && text[at - 1] === '"';
  const place = isToken || isBehindString ? undefined : PLACES.find(([pattern]) => pattern.test(rest));
  return `At ${lineAndColumn(text, at)}: ${place?.[1] ?? explain(text, at)}`;
}

/** Where reading stops: at something that may stand nowhere in JSON, or at something that may not stand there. */
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
    return 'is there a comma missing, or a quote inside of a string? Write such a quote as \\".';
  }
  const before = text.slice(0, at).trimEnd().at(-1) ?? "";
  if (before === "}" && !/[{[]/.test(text.slice(0, at).replace(/^\s*\{/, "")))
    return "nothing may follow the last brace.";
  return "something stands where it does not belong.";
}

function lineAndColumn(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
