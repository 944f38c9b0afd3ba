/**
 * Brings the tables of a database to the form that this server knows. Each numbered file in `migrations` changes them
 * once, and the table `migrations` says which ones have run. Servers that start at the same moment do it one after the
 * other. A database that a newer server has changed is refused: this server could harm what it does not know.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Sql } from "postgres";
import { DatabaseProblem } from "./database-problem.ts";

const FOLDER = new URL("migrations/", import.meta.url);
/** Any number that nothing else uses as a lock. Users' locks are their ids, so this one is negative. */
const LOCK = -1;

interface Migration {
  number: number;
  file: string;
}

/** @throws {DatabaseProblem} if the database is newer than this server. */
export async function migrate(sql: Sql): Promise<void> {
  const known = knownMigrations();
  await sql.begin(async (transaction) => {
    // A large table takes longer than any question may.
    await transaction`set local statement_timeout = 0`;
    await transaction`select pg_advisory_xact_lock(${LOCK})`;
    await transaction`create table if not exists migrations (number integer primary key, ran_at timestamptz not null default now())`;
    const rows = await transaction<{ number: number }[]>`select number from migrations`;
    const ran = new Set(rows.map(({ number }) => number));
    const newest = known.at(-1)?.number ?? 0;
    const unknown = [...ran].filter((number) => number > newest);
    if (unknown.length > 0) {
      throw new DatabaseProblem(
        `the database was changed by a newer plainchat (migration ${Math.max(...unknown)}; this one knows ${newest}). Start that newer version`,
      );
    }
    for (const { number, file } of known) {
      if (ran.has(number)) continue;
      await transaction.unsafe(readFileSync(new URL(file, FOLDER), "utf8"));
      await transaction`insert into migrations (number) values (${number})`;
    }
  });
}

function knownMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .map((file) => ({ number: Number.parseInt(file, 10), file }))
    .filter(({ number }) => Number.isInteger(number))
    .sort((a, b) => a.number - b.number);
}
