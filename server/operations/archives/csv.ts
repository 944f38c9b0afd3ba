/**
 * Writes tables as CSV (RFC 4180), so that a spreadsheet shows what was written and runs nothing of it.
 */

/** Spreadsheets take a file without this mark for something else than UTF-8. */
export const UTF8_MARK = "\ufeff";

/** A cell that begins like this would be a formula. */
const LIKE_FORMULA = /^[=+\-@\t\r]/;

/** @returns one line of the table. */
export function csvLine(cells: readonly (string | number | boolean | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | number | boolean | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  // The apostrophe makes a spreadsheet show the cell as text.
  const text = LIKE_FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
