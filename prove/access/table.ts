/**
 * Reads the table of docs/access.md: which call, with what, by which caller, and the promised status. Anything else,
 * such as a cell without a status, is a mistake in the document, and the proof fails with it.
 */
import { readFileSync } from "node:fs";

const DOCUMENT = new URL("../../docs/access.md", import.meta.url);

export const CALLERS = [
  "nobody",
  "unknown id",
  "wrong token",
  "old token",
  "has left",
  "another user",
  "the sender",
  "the recipient",
  "projector key",
  "teacher's key",
] as const;
export type CallerName = (typeof CALLERS)[number];

export interface Row {
  method: string;
  /** As it is written in the table: `/api/v1/explain/{id}`. */
  path: string;
  /** What else is sent, in words. Together with method and path it identifies the row. */
  sentWith: string;
  statuses: Map<CallerName, number>;
}

/** @throws if the table is missing, or a cell has no status. */
export function readTable(document = readFileSync(DOCUMENT, "utf8")): Row[] {
  const lines = document.split("\n");
  const heading = `| Call | With | ${CALLERS.join(" | ")} |`;
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`docs/access.md has no table with this heading: ${heading}`);
  const rows: Row[] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    rows.push(readRow(line));
  }
  return rows;
}

export function nameOf({ method, path, sentWith }: Row): string {
  return `${method} ${path}${sentWith === "" ? "" : `, ${sentWith}`}`;
}

function readRow(line: string): Row {
  const cells = line.split("|").map((cell) => cell.trim());
  const [, call = "", sentWith = "", ...statuses] = cells.slice(0, -1);
  const [, method = "", path = ""] = /^`([A-Z]+) (\/\S*)`$/.exec(call) ?? [];
  if (path === "") throw new Error(`This row of docs/access.md does not begin with a method and a path: ${line}`);
  const row: Row = { method, path, sentWith, statuses: new Map() };
  for (const [i, caller] of CALLERS.entries()) {
    const status = statuses[i] ?? "";
    if (!/^\d{3}$/.test(status)) throw new Error(`docs/access.md: ${nameOf(row)}, ${caller}: the status is missing`);
    row.statuses.set(caller, Number(status));
  }
  if (statuses.length > CALLERS.length) throw new Error(`This row of docs/access.md has too many cells: ${line}`);
  return row;
}
