/**
 * The schemas of classes that were put away: how they are called, and what is known of each. That is the comment on the
 * schema, as JSON: the counterpart of about.json. So `\dn+` in psql shows both, pg_dump takes both along, and neither is
 * left when the other is gone.
 */
import { aboutArchive } from "../../class/archive-list.ts";
import type { Archive } from "../../contract.ts";
import type { Database } from "../connection/database.ts";

const PREFIX = "archive_";

/** The schema for an archive. Undefined if no schema can have this name. */
export function schemaOf(archive: string): string | undefined {
  // A name in PostgreSQL has at most 63 bytes.
  return /^[A-Za-z0-9][\w-]{0,54}$/.test(archive) ? `${PREFIX}${archive}` : undefined;
}

/** The archive in a schema. Undefined for any other schema. */
export function archiveOf(schema: string): string | undefined {
  const archive = schema.slice(PREFIX.length);
  return schema === schemaOf(archive) ? archive : undefined;
}

/** All that have the table of users. The counts are missing until somebody has written them down. */
export async function readArchives(database: Database): Promise<Archive[]> {
  const rows = await database.ask<{ schema: string; about: string | null }[]>(
    (sql) => sql`
      select nspname::text as schema, obj_description(oid, 'pg_namespace') as about from pg_namespace
      where exists (select from pg_class where relnamespace = pg_namespace.oid and relname = 'users')`,
  );
  return rows.flatMap(({ schema, about }) => {
    const archive = archiveOf(schema);
    return archive === undefined ? [] : [{ archive, ...aboutArchive(about ?? "") }];
  });
}

/** Somebody who is being registered has no handle yet, and counts when they have one. */
export async function countIn(
  database: Database,
  schema: string,
): Promise<{ userCount: number; messageCount: number } | undefined> {
  const [row] = await database.ask<{ users: number; messages: number }[]>(
    (sql) => sql`
      select (select count(*) from ${sql(schema)}.users
              where exists (select from ${sql(schema)}.handles where handles.user_id = users.user_id)) as users,
             (select count(*) from ${sql(schema)}.messages) as messages`,
  );
  return row && { userCount: row.users, messageCount: row.messages };
}

/** Such a statement takes no parameters, so PostgreSQL itself puts the text into it. */
export async function describeSchema(
  database: Database,
  schema: string,
  about: Omit<Archive, "archive">,
): Promise<void> {
  const [row] = await database.ask<{ statement: string }[]>(
    (sql) => sql`
      select format('comment on schema %I is %L', ${schema}::text, ${JSON.stringify(about)}::text) as statement`,
  );
  await database.change((sql) => sql.unsafe(row?.statement ?? ""));
}
