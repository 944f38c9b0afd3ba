/**
 * What a teacher has decided is not moved yet: a database has no place for it. The terminal says so in a sentence, and
 * the files stay where they are.
 */
import { readdir } from "node:fs/promises";
import type { Paths } from "../files/paths.ts";

/** @param where what the folder is called. @returns a sentence, if the folder has data of a class. */
export async function classLeftBehind(paths: Paths, where = paths.root): Promise<string | undefined> {
  const left = [];
  if (await hasFiles(paths.class)) left.push("class (what the teacher has decided, and how far the pupils are)");
  if (await hasFiles(paths.archive)) left.push("archive (the classes that were put away)");
  return left.length === 0 ? undefined : `Not moved: ${left.join(" and ")}. It is still in ${where}.`;
}

async function hasFiles(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length > 0;
}
