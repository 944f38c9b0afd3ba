/**
 * What the doctor looks at about classes in a database that were put away: which there are, whether this version can open
 * them, and whether the present class can be put away, too. examine-database.ts calls it when the tables are current.
 */
import { archiveOf } from "../server/store/postgres/class/archive-schemas.ts";
import type { Connection } from "../server/store/postgres/connection/database.ts";
import { knownMigrations } from "../server/store/postgres/migrate.ts";
import type { Finding } from "./finding.ts";

export async function examineArchives(sql: Connection): Promise<Finding[]> {
  const findings: Finding[] = [];
  const schemas = await sql<{ schema: string }[]>`
    select nspname::text as schema from pg_namespace
    where exists (select from pg_class where relnamespace = pg_namespace.oid and relname = 'users')
    order by nspname`;
  const archives = schemas.filter(({ schema }) => archiveOf(schema) !== undefined);
  for (const { schema } of archives) {
    const newest = knownMigrations().at(-1)?.number ?? 0;
    const [row] = await sql<{ is_newer: boolean }[]>`
      select exists (select from ${sql(schema)}.migrations where number > ${newest}) as is_newer`;
    if (row?.is_newer !== true) continue;
    findings.push({
      verdict: "note",
      what: `The class in the schema ${schema} was put away by a newer plainchat`,
      advice: "It can be opened again when that newer version runs.",
    });
  }
  if (archives.length > 0 && findings.length === 0) {
    const were = archives.length === 1 ? "1 class was" : `${archives.length} classes were`;
    findings.push({ verdict: "good", what: `${were} put away, the last one in the schema ${archives.at(-1)?.schema}` });
  }
  const [row] = await sql<{ has_class: boolean; may_create: boolean }[]>`
    select exists (select from class) as has_class,
           has_database_privilege(current_database(), 'create') as may_create`;
  if (row?.has_class === true && !row.may_create) {
    findings.push({
      verdict: "note",
      what: "This user may not create schemas, so no class can be put away",
      advice: "Make this user the owner of the database: alter database NAME owner to USER",
    });
  }
  return findings;
}
