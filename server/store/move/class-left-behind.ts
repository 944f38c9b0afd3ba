/**
 * What a teacher has decided is not moved yet, and not in the backup of a database. The terminal says so in a sentence,
 * and it stays where it is. Whoever makes it move begins here: with the files of `class`, and with the tables of
 * migrations/2-class.sql.
 */
import { readdir } from "node:fs/promises";
import type { ISql } from "postgres";
import type { Paths } from "../files/paths.ts";

/** @param where what the folder is called. @returns a sentence, if the folder has data of a class. */
export async function classLeftBehind(paths: Paths, where = paths.root): Promise<string | undefined> {
  const left = [];
  if (await hasFiles(paths.class)) left.push("class (what the teacher has decided, and how far the pupils are)");
  if (await hasFiles(paths.archive)) left.push("archive (the classes that were put away)");
  return left.length === 0 ? undefined : `Not moved: ${left.join(" and ")}. It is still in ${where}.`;
}

/** @returns a sentence, if the database has data of a class. */
export async function classLeftInTables(sql: ISql): Promise<string | undefined> {
  const [row] = await sql<{ is_there: boolean }[]>`
    select exists (select from class) or exists (select from class_keys) as is_there`;
  if (row?.is_there !== true) return undefined;
  return "Without the class (what the teacher has decided, how far the pupils are, and the keys). It is still in the database.";
}

async function hasFiles(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length > 0;
}
