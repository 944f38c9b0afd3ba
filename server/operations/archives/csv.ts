/**
 * Writes tables as CSV (RFC 4180), so that a spreadsheet shows what was written and runs nothing of it.
 */

/** Spreadsheets take a file without this mark for something else than UTF-8. */
export const UTF8_MARK = "\ufeff";

/**
 * What a spreadsheet would take for a formula: at the beginning of a cell, and also after a character at which a
 * spreadsheet may begin a new one. In some countries that is the semicolon, whatever stands in quotes. A smile is none: ;-)
 */
const LIKE_FORMULA = /^(?=[\t\r])|(^|[;\t\r\n])(?= *(?:[=+@]|-(?!\))))/g;

/** @returns one line of the table. */
export function csvLine(cells: readonly (string | number | boolean | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | number | boolean | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  // The apostrophe makes a spreadsheet show the cell as text.
  const text = value.replace(LIKE_FORMULA, "$1'");
  return /[",;\t\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
