/**
 * What a move leaves where it is, because the other store has no place for it: classes that were put away, damaged files
 * that were set aside, and data from before a restore. The terminal says so before the move begins.
 */
import { readdir } from "node:fs/promises";
import type { ISql } from "postgres";
import { namesIn } from "../files/names-in.ts";
import type { Paths } from "../files/paths.ts";

/** @returns a sentence, if the folder has something that does not move into a database. */
export async function leftInFolder(paths: Paths): Promise<string | undefined> {
  const aside = [paths.usersAside, paths.aside, paths.classAside];
  const old = (await readdir(paths.root).catch(() => [])).filter((name) => name.startsWith("before-restore-"));
  const left = [
    ...(hasFiles(paths.archive) ? ["archive (the classes that were put away)"] : []),
    ...aside.filter(hasFiles).map((folder) => `${paths.below(folder)} (damaged files)`),
    ...old.map((name) => `${name} (the data from before a restore)`),
  ];
  return left.length === 0 ? undefined : `This does not move, and stays in ${paths.root}: ${left.join(", ")}.`;
}

/** @returns a sentence, if the database has other tables of plainchat than those that move. */
export async function leftInTables(sql: ISql): Promise<string | undefined> {
  const schemas = await sql<{ name: string }[]>`
    select nspname as name from pg_namespace
    where nspname <> current_schema() and exists (
      select from pg_class where relnamespace = pg_namespace.oid and relname = 'users'
    ) and exists (
      select from pg_class where relnamespace = pg_namespace.oid and relname = 'handles'
    )
    order by nspname`;
  if (schemas.length === 0) return undefined;
  const names = schemas.map(({ name }) => name).join(", ");
  return `This does not move, and stays in the database: the tables in other schemas (${names}).`;
}

function hasFiles(folder: string): boolean {
  return namesIn(folder).length > 0;
}
