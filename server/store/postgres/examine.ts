/**
 * Whether a database fits: a server asks it at its start, and the doctor at the terminal.
 */
import type { Sql } from "postgres";
import { DatabaseProblem } from "./database-problem.ts";

const OLDEST_VERSION = 140_000;

/** @throws {DatabaseProblem} if the database does not fit. */
export async function mustFit(sql: Sql<{ bigint: number }>): Promise<void> {
  const [row] = await sql<{ version: number; commit: string; encoding: string }[]>`
    select current_setting('server_version_num')::integer as version,
           current_setting('synchronous_commit') as commit,
           current_setting('server_encoding') as encoding`;
  if (row === undefined) throw new DatabaseProblem("the database does not answer");
  if (row.version < OLDEST_VERSION) {
    throw new DatabaseProblem(`the database is PostgreSQL ${Math.floor(row.version / 10_000)}. It must be 14 or newer`);
  }
  if (row.encoding !== "UTF8") {
    throw new DatabaseProblem(`the database keeps texts as ${row.encoding}. Create it with the encoding UTF8`);
  }
  if (row.commit === "off") {
    throw new DatabaseProblem(
      "synchronous_commit is off in the database, so a power cut could lose what the server has acknowledged. Switch it on",
    );
  }
}
