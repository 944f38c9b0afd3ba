/**
 * Breaks the sentences of a report between words, so that a terminal does not break them inside one. report-text.ts calls
 * it for sentences only: a curl line must stay whole, or it cannot be copied, and a reply is shown as it came.
 */
import { stripVTControlCharacters } from "node:util";

/** Longer lines are hard to read. */
const MAX_COLUMNS = 90;
const MIN_COLUMNS = 20;

/** @param columns of the terminal; undefined where nothing is broken. @returns lines with the same indent. */
export function wrapped(text: string, columns: number | undefined): string[] {
  const rows = text.split("\n");
  return columns === undefined ? rows : rows.flatMap((row) => wrappedRow(row, widthFor(columns)));
}

/** @returns the text, or its beginning if it is longer than a row. A status at its end stays. */
export function cutToRow(text: string, columns: number | undefined): string {
  if (columns === undefined || columnsOf(text) <= widthFor(columns)) return text;
  const [status = ""] = / \S+ \d{3}\.$/.exec(text) ?? [];
  const [first = ""] = wrappedRow(
    text.slice(0, text.length - status.length),
    widthFor(columns) - 2 - columnsOf(status),
  );
  return `${first.replace(/[,;:.]$/, "")} …${status}`;
}

function widthFor(columns: number): number {
  return Math.max(MIN_COLUMNS, Math.min(columns - 1, MAX_COLUMNS));
}

function wrappedRow(text: string, width: number): string[] {
  const [indent = ""] = /^ */.exec(text) ?? [];
  const [first = "", ...words] = text.slice(indent.length).split(" ");
  const lines = [indent + first];
  for (const word of words) {
    const current = lines.at(-1) ?? "";
    if (columnsOf(current) + 1 + columnsOf(word) > width) lines.push(indent + word);
    else lines[lines.length - 1] = `${current} ${word}`;
  }
  return lines.map((line) => line.trimEnd());
}

/** Styles take no column. */
function columnsOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
