/**
 * Brings the tables of a database to the form that this server knows. Each numbered file in `migrations` changes them
 * once, and the table `migrations` says which ones have run. Servers that start at the same moment do it one after the
 * other. A database that a newer server has changed is refused: this server could harm what it does not know.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { ISql, Sql } from "postgres";
import { DatabaseProblem } from "./connection/database-problem.ts";

const FOLDER = new URL("migrations/", import.meta.url);
/** Any number that nothing else uses as a lock. Users' locks are their ids, so this one is negative. */
export const MIGRATION_LOCK = -1;

interface Migration {
  number: number;
  file: string;
}

/** @throws {DatabaseProblem} if the database is newer than this server. */
export async function migrate(sql: Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    // A large table takes longer than any question may.
    await transaction`set local statement_timeout = 0`;
    await lockMigrations(transaction);
    await migrateIn(transaction);
  });
}

/** Until the end of the transaction, no server can start on this database: it waits for this lock. */
export async function lockMigrations(transaction: ISql): Promise<void> {
  await transaction`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
}

/** migrate() within a transaction that has the lock. */
export async function migrateIn(transaction: ISql): Promise<void> {
  await mustBeOurs(transaction);
  await transaction`create table if not exists migrations (number integer primary key, ran_at timestamptz not null default now())`;
  const ran = await ranMigrations(transaction);
  for (const { number, file } of knownMigrations()) {
    if (ran.has(number)) continue;
    await transaction.unsafe(readFileSync(new URL(file, FOLDER), "utf8"));
    await transaction`insert into migrations (number) values (${number})`;
  }
}

/**
 * Another program may have tables of the same names, and one of them may be called `migrations`, too: ours has a column
 * `number`. @throws {DatabaseProblem} if there are such tables.
 */
export async function mustBeOurs(sql: ISql): Promise<void> {
  const names = ["migrations", ...madeByMigrations().map(({ name }) => name)];
  const [row] = await sql<{ is_ours: boolean; others: string | null }[]>`
    select exists (
             select from pg_attribute where attrelid = to_regclass('migrations') and attname = 'number'
           ) as is_ours,
           (select string_agg(name, ', ') from unnest(${names}::text[]) as name where to_regclass(name) is not null)
             as others`;
  if (row === undefined || row.is_ours || row.others === null) return;
  throw new DatabaseProblem(
    `the database has tables of another program (${row.others})`,
    "Create a database for plainchat alone: createdb --owner USER --encoding UTF8 --template template0 NAME",
  );
}

/** The numbers of the migrations that have run. The table must be there. @throws {DatabaseProblem} if one is unknown. */
export async function ranMigrations(sql: ISql): Promise<Set<number>> {
  const rows = await sql<{ number: number }[]>`select number from migrations`;
  const newest = knownMigrations().at(-1)?.number ?? 0;
  const unknown = rows.filter(({ number }) => number > newest).map(({ number }) => number);
  if (unknown.length > 0) {
    throw new DatabaseProblem(
      `the database was changed by a newer plainchat (migration ${Math.max(...unknown)}; this one knows ${newest}). Start that newer version`,
    );
  }
  return new Set(rows.map(({ number }) => number));
}

/** What the migrations make, apart from the table `migrations` itself. */
export function madeByMigrations(): { kind: "table" | "sequence"; name: string }[] {
  return knownMigrations().flatMap(({ file }) => {
    const made = readFileSync(new URL(file, FOLDER), "utf8").matchAll(
      /^create (table|sequence) (?:if not exists )?(\w+)/gm,
    );
    return [...made].map(([, kind, name = ""]) => ({ kind: kind as "table" | "sequence", name }));
  });
}

export function knownMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .map((file) => ({ number: Number.parseInt(file, 10), file }))
    .filter(({ number }) => Number.isInteger(number))
    .sort((a, b) => a.number - b.number);
}
