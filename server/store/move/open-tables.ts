/**
 * Runs work on the tables of a database as one transaction: all of it counts, or nothing. move-to-database.ts,
 * move-to-folder.ts and database-backup.ts call it. It says in a sentence why a database cannot be used.
 */
import type { ISql, TransactionSql } from "postgres";
import { codeOf } from "../error-code.ts";
import { withoutPassword } from "../postgres/connection/database-address.ts";
import { DatabaseProblem } from "../postgres/connection/database-problem.ts";
import { mustFit } from "../postgres/connection/must-fit.ts";
import { type Connection, SERVER_NAME } from "../postgres/connection/pool.ts";
import { connectFromTerminal } from "../postgres/connection/terminal-connection.ts";
import { inOneText, known, whyUnusable } from "../postgres/connection/why-unusable.ts";
import { knownMigrations, mustBeOurs, ranMigrations } from "../postgres/migrate.ts";
import { MoveProblem } from "./move-problem.ts";

/** What PostgreSQL shows as our name. It must not be that of a server. */
export const TERMINAL_NAME = "plainchat at the terminal";

/** Why nobody can read tables that lack a migration. */
export const IS_OLDER = "An older plainchat made this database. Start a server of this version once, which updates it";

/** @param kind "snapshot": everything that is read is of one moment. */
export async function withTables<Result>(
  address: string,
  kind: "snapshot" | "changes",
  work: (sql: TransactionSql<{ bigint: number }>) => Promise<Result>,
): Promise<Result> {
  let connection: Connection | undefined;
  let isDone = false;
  let result: Result | undefined;
  try {
    connection = await connectFromTerminal(address, TERMINAL_NAME);
    await mustFit(connection);
    await connection.begin(kind === "snapshot" ? "isolation level repeatable read" : "", async (sql) => {
      // It may take minutes, and it waits for nobody who asks something.
      await sql`set local statement_timeout = 0`;
      await sql`set local lock_timeout = '10s'`;
      await sql`set local idle_in_transaction_session_timeout = 0`;
      // Whoever reads that it is done may throw the original away.
      if (kind === "changes") await sql`set local synchronous_commit = on`;
      result = await work(sql);
      isDone = true;
    });
    return result as Result;
  } catch (error) {
    throw problemFor(error, address, kind === "changes" && isDone);
  } finally {
    await connection?.end({ timeout: 5 });
  }
}

/** @param isUnknown the connection was lost while the transaction was committed. */
function problemFor(error: unknown, address: string, isUnknown: boolean): unknown {
  const where = withoutPassword(address);
  if (error instanceof MoveProblem) return error;
  if (error instanceof DatabaseProblem) return new MoveProblem(`${where}: ${inOneText([whyUnusable(error)])}`);
  const code = codeOf(error) ?? "";
  const isLost = /^(?:CONNECTION_|ECONNRESET|EPIPE|57P0[12]|08(?!P01))/.test(code);
  if (isLost && isUnknown) {
    return new MoveProblem(
      `The connection to ${where} was lost at the last step, so nobody knows whether the data is there. Look with "plainchat doctor --store". What you moved from is unchanged`,
    );
  }
  if (isLost) return new MoveProblem(`The connection to ${where} was lost. Nothing was changed`);
  const why = known(error);
  if (why !== undefined) return new MoveProblem(`${where} cannot be used: ${inOneText([why])}`);
  return error;
}

/** @throws {MoveProblem} if servers are using the database. A server shows by its name that it is connected. */
export async function mustBeUnused(sql: ISql): Promise<void> {
  const [{ servers } = { servers: 0 }] = await sql<{ servers: number }[]>`
    select count(*) as servers from pg_stat_activity
    where datname = current_database() and application_name = ${SERVER_NAME}`;
  if (servers > 0) throw new MoveProblem("A server is using this database. Stop all servers on it first");
}

/** Whether there are tables of plainchat at all. @throws {DatabaseProblem} if there are those of another program. */
export async function hasTables(sql: ISql): Promise<boolean> {
  await mustBeOurs(sql);
  const [row] = await sql<{ is_there: boolean }[]>`select to_regclass('migrations') is not null as is_there`;
  return row?.is_there === true;
}

/** @throws {MoveProblem | DatabaseProblem} if the tables are not exactly those that this version knows. */
export async function mustBeCurrent(sql: ISql): Promise<void> {
  if (!(await hasTables(sql))) throw new MoveProblem("There is no data of plainchat in this database");
  const ran = await ranMigrations(sql);
  if (knownMigrations().some(({ number }) => !ran.has(number))) {
    throw new MoveProblem(IS_OLDER);
  }
}
