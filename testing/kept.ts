/**
 * What the store of an app keeps about a class, by the path of the file: in the folder, or in the table that has the same
 * if the app has a database. So a test can say that something is kept, or gone, whichever store it runs with.
 */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import postgres, { type PendingQuery, type Row, type Sql } from "postgres";
import { isCode } from "../server/store/error-code.ts";
import type { RunningApp } from "./start-app.ts";

/** For a test that changes or damages files by hand. */
export const FILES_ONLY = process.env.PLAINCHAT_TEST_DATABASE === "1" && "this test is about files";

type App = Pick<RunningApp, "root" | "database">;

/** @param path such as `class/muted/2.json`. @returns undefined if it is not there. */
export async function keptText(app: App, path: string): Promise<string | undefined> {
  if (app.database !== undefined) return (await rowOf(app.database, path))?.text;
  try {
    return await readFile(join(app.root, path), "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Is another one after each time that it was written. */
export async function keptStamp(app: App, path: string): Promise<string | undefined> {
  if (app.database !== undefined) return (await rowOf(app.database, path))?.stamp;
  const { ino, mtimeMs } = await stat(join(app.root, path));
  return `${ino} ${mtimeMs}`;
}

/** @param folder such as `class/muted`. @returns the names of the files in it. */
export function keptNames({ root, database }: App, folder: string): Promise<string[]> {
  if (database === undefined) return readdir(join(root, folder));
  return asked(database, async (sql) => {
    const rows = await sql<{ user_id: string }[]>`
      select user_id::text from ${sql(`class_${basename(folder)}`)} as about order by about.user_id`;
    return rows.map(({ user_id: userId }) => `${userId}.json`);
  });
}

/** Removes by hand what the teacher has decided about a pupil. @param path such as `class/muted/2.json`. */
export async function removeKept({ root, database }: App, path: string): Promise<void> {
  if (database === undefined) return rm(join(root, path));
  const table = `class_${basename(dirname(path))}`;
  await asked(database, (sql) => sql`delete from ${sql(table)} where user_id = ${Number.parseInt(basename(path), 10)}`);
}

/** How many handles there are, whoever has them. */
export async function handleCount({ root, database }: App): Promise<number> {
  if (database !== undefined) return asked(database, async (sql) => (await sql`select from handles`).length);
  const names = await readdir(join(root, "users"));
  return names.filter((name) => /^[0-9a-f]{64}\.dat$/.test(name)).length;
}

interface KeptRow extends Row {
  text: string;
  stamp: string;
}

function rowOf(database: string, path: string): Promise<KeptRow | undefined> {
  return asked(database, async (sql) => {
    const [row] = await queryFor(sql, path);
    return row?.text === null ? undefined : row;
  });
}

/** Fields of the one row of the table class. */
const FACTS: Record<string, string> = {
  "paused.json": "paused_since",
  "texts-shown.json": "texts_shown_since",
  "board-shown.json": "board_shown_since",
  "teacher.dat": "teacher_id",
};
const TEXT_OF: Record<string, string> = { codes: "hash", progress: "progress" };

function queryFor(sql: Sql, path: string): PendingQuery<KeptRow[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const id = Number.parseInt(name, 10);
  if (folder === "users") {
    const hash = name.replace(".dat", "");
    return sql`select user_id::text as text, xmin::text as stamp from handles where handle_hash = ${hash}`;
  }
  const fact = FACTS[name];
  if (fact !== undefined) return sql`select ${sql(fact)}::text as text, xmin::text as stamp from class`;
  const about = basename(folder);
  const text = sql(TEXT_OF[about] ?? "since");
  return sql`select ${text}::text as text, xmin::text as stamp from ${sql(`class_${about}`)} where user_id = ${id}`;
}

/** Asks a database something, with a connection of its own. */
export async function asked<Result>(database: string, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
