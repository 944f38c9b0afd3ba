/**
 * Puts another class in the place of the present one, as one transaction: an empty one, or one that was put away before.
 * Only the catalogue of PostgreSQL changes: the tables of a class get another schema, and no row is read or copied. So
 * it takes as long for a million messages as for none, and a crash leaves the old class or the new one, whole.
 * table-archives.ts calls it.
 *
 * Every table of a class must be in CLASS_TABLES. One that is not would stay, and the next class would see its rows.
 */
import { freeArchiveName } from "../../class/archive-list.ts";
import { type Connection, type Database, STEPS_LOCK } from "../connection/database.ts";
import { createSecret } from "../database-secret.ts";
import { lockHead } from "../head.ts";
import { MIGRATION_LOCK, migrateIn, ranMigrations } from "../migrate.ts";
import { describeSchema, readArchives, schemaOf } from "./archive-schemas.ts";
import { makeClass } from "./class-row.ts";

/** In the order in which they are locked. */
export const CLASS_TABLES = [
  "class",
  "class_muted",
  "class_hidden",
  "class_hands",
  "class_codes",
  "class_progress",
  "events",
  "messages",
  "users",
  "handles",
  "secret",
] as const;
/** What is one for all classes of a database. An archive has these, too, so that migrations fit it, but nobody uses them there. */
export const SHARED_TABLES = ["head", "class_keys", "migrations"] as const;
const NEW_CLASS = "new_class";

interface Exchange {
  /** The class that is to be put away. */
  began: number;
  endedAt: string;
  /** What the teacher calls it. Undefined: as before. */
  label: string | undefined;
  /** The archive that is to be the class. Undefined: a new class begins. */
  open: string | undefined;
  /** How long each lock may take. */
  lockMilliseconds: number;
}

/** @returns the name of the new archive. Undefined if the class was put away already. */
export function exchangeClasses(database: Database, exchange: Exchange): Promise<string | undefined> {
  const { began, endedAt, open } = exchange;
  const work = async () => {
    await lockOthersOut(database, exchange.lockMilliseconds);
    const { home, path, ...present } = await readPresent(database);
    if (present.began !== began) return undefined;
    // A newer server may have given the tables another form, which the tables of a new class would not have.
    await database.onConnection(ranMigrations);

    const archives = await readArchives(database);
    const archive = freeArchiveName(endedAt, (name) => archives.some((each) => each.archive === name));
    const [from, to] = [await makeNext(database, open, path), schemaOf(archive) ?? ""];
    const label = exchange.label ?? present.label ?? undefined;
    if (label !== undefined) await database.change((sql) => sql`update class set label = ${label}`);
    await database.change((sql) => sql.unsafe(moves({ home, from, to })));
    await describeSchema(database, to, { ...(label !== undefined && { label }), endedAt });
    await database.inOneTrip((sql) => [
      // How far the numbers had come when this class ended. Its keys are those of the teacher, who keeps them.
      sql`
        update ${sql(to)}.head as kept
        set seq = head.seq, message_id = head.message_id, class_began = head.class_began from head`,
      sql`delete from ${sql(to)}.class_keys`,
      switchEvent(sql),
    ]);
    await dropIfEmpty(database, from);
    return archive;
  };
  // No server may start in the middle: it would look at the tables, and bring them to another form.
  return database.transaction(MIGRATION_LOCK, work, true);
}

/**
 * Takes all locks before anything is changed. Somebody else may lock tables in another order, and then each waits for
 * the other. This one has to give up then, and not somebody who sends a message: it waits for less than
 * deadlock_timeout.
 */
function lockOthersOut(database: Database, milliseconds: number) {
  return database.inOneTrip((sql) => [
    sql`select set_config('lock_timeout', ${`${milliseconds}ms`}, true)`,
    // Requests that take several steps end first. So none of them is in two classes.
    sql`select pg_advisory_xact_lock(${STEPS_LOCK})`,
    // Then those who publish: they have this lock, and need the tables after it.
    lockHead(sql),
    // Then everybody else. Who asks for a table by its name after that gets the one of the other class.
    sql`
      lock table class, class_muted, class_hidden, class_hands, class_codes, class_progress, events, messages, users,
                 handles, secret in access exclusive mode`,
  ]);
}

interface Present {
  began: number;
  label: string | null;
  /** The schema in which the tables of the present class are. */
  home: string;
  path: string;
}

async function readPresent(database: Database): Promise<Present> {
  const [row] = await database.ask<Present[]>(
    (sql) => sql`
      select class_began as began, (select label from class) as label, current_schema()::text as home,
             current_setting('search_path') as path
      from head`,
  );
  if (row === undefined) throw new Error("The table head has one row, and somebody has removed it");
  return row;
}

/**
 * Makes the next class ready in a schema of its own: runs the migrations there. For a new class they make all tables. To
 * an archive they do what was added since its end, and most times nothing.
 * @returns the schema.
 */
async function makeNext(database: Database, open: string | undefined, path: string): Promise<string> {
  const schema = open === undefined ? NEW_CLASS : (schemaOf(open) ?? "");
  if (open === undefined) await database.change((sql) => sql`create schema ${sql(schema)}`);
  await database.ask((sql) => sql`select set_config('search_path', ${quoted(schema)}, true)`);
  await database.onConnection(migrateIn);
  await database.inOneTrip((sql) => [
    createSecret(sql),
    makeClass(sql),
    sql`select set_config('search_path', ${path}, true)`,
  ]);
  return schema;
}

/** The tables of the present class go into the archive, and those of the next one take their place. */
function moves({ home, from, to }: { home: string; from: string; to: string }): string {
  const move = (table: string, before: string, after: string) =>
    `alter table ${quoted(before)}.${table} set schema ${quoted(after)}`;
  return [
    `create schema ${quoted(to)}`,
    ...CLASS_TABLES.flatMap((table) => [move(table, home, to), move(table, from, home)]),
    ...SHARED_TABLES.map((table) => move(table, from, to)),
    `alter sequence ${quoted(from)}.user_ids set schema ${quoted(to)}`,
  ].join(";\n");
}

/** Tells all servers. It is the first event of the class, and from its number on, what was meant for another one fails. */
function switchEvent(sql: Connection) {
  return sql`
    with moved as (update head set seq = seq + 1, class_began = seq + 1 returning seq, message_id)
    insert into events (seq, op, from_id, to_id, last_message_id)
    select seq, 'switch', 0, 0, message_id from moved`;
}

/** What somebody has put into the schema by hand stays there. */
async function dropIfEmpty(database: Database, schema: string): Promise<void> {
  const [row] = await database.ask<{ is_empty: boolean }[]>(
    (sql) => sql`
      select not exists (
        select from pg_depend join pg_namespace on pg_namespace.oid = refobjid
        where refclassid = 'pg_namespace'::regclass and nspname = ${schema}
      ) as is_empty`,
  );
  if (row?.is_empty) await database.change((sql) => sql`drop schema ${sql(schema)}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
