/**
 * Whether a database is one that plainchat can use at all. A server asks that when it starts, and so do the commands at
 * the terminal that read or write a database. Whether it keeps what a server acknowledges is in durability.ts.
 */
import { DatabaseProblem } from "./database-problem.ts";
import type { Connection } from "./pool.ts";

const OLDEST_VERSION = 140_000;

/** @throws {DatabaseProblem} with the reason. */
export async function mustFit(sql: Connection): Promise<void> {
  const [row] = await sql<{ version: number; encoding: string }[]>`
    select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding`;
  if (row === undefined) throw new DatabaseProblem("the database does not answer");
  if (row.version < OLDEST_VERSION) {
    throw new DatabaseProblem(`the database is PostgreSQL ${Math.floor(row.version / 10_000)}. It must be 14 or newer`);
  }
  if (row.encoding !== "UTF8") {
    throw new DatabaseProblem(`the database keeps texts as ${row.encoding}. Create it with the encoding UTF8`);
  }
}
