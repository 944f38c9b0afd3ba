/**
 * What a file or a row is called on the page. The file and its name are what the server says; "table" and "row" are words
 * of the user's language.
 */
import { rowIn } from "../../../client/trace.ts";
import { shortName } from "../../glass/folder-tree.ts";
import { say } from "../../words/language.ts";

/** `users/1.dat`, or "table users, row 1". */
export function placeName(path: string): string {
  const found = rowIn(path);
  if (found === undefined) return path;
  const { table, row } = found;
  if (table === "user_ids") return say("tables.sequence", { name: table });
  return row === undefined ? say("tables.table", { table }) : say("tables.rowOf", { table, row });
}

/** The same with a short name in the place of 64 hexadecimal digits. */
export function shortPlaceName(path: string): string {
  return placeName(shortName(path));
}

/** A row below the name of its table. @param row its key. Empty if it is the only one. */
export function rowName(row: string): string {
  return row === "" ? say("tables.onlyRow") : say("tables.row", { row });
}
