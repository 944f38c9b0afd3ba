/**
 * `plainchat move --from data --to postgres://…`. Everything is one transaction: if it is interrupted, the database is
 * as empty as before. The folder stays as it is, apart from what each start of a server does in it.
 */
import { stat } from "node:fs/promises";
import type { ISql } from "postgres";
import type { Lock } from "../files/lock.ts";
import { Paths } from "../files/paths.ts";
import { openStore } from "../open-store.ts";
import { lockMigrations, migrateIn, ranMigrations } from "../postgres/migrate.ts";
import type { Report } from "../report.ts";
import { withId } from "./class-in-tables.ts";
import { type Contents, compareContents } from "./contents.ts";
import { type OpenContents, openFolderContents } from "./folder-contents.ts";
import { MoveProblem } from "./move-problem.ts";
import { hasTables, mustBeUnused, withTables } from "./open-tables.ts";
import { readTables } from "./table-contents.ts";
import { writeTables } from "./write-tables.ts";

/** What a move is doing, and how many of the messages it has done. */
export type StepProgress = (step: "copying" | "checking", done: number, of: number) => void;

export interface Moved {
  users: number;
  messages: number;
}

export async function moveToDatabase(
  root: string,
  address: string,
  report: Report,
  progress: StepProgress,
): Promise<Moved> {
  const { contents, lock } = await settledFolder(root, report);
  try {
    await withTables(address, "changes", async (sql) => {
      await lockMigrations(sql);
      await mustBeUnused(sql);
      await mustBeEmpty(sql);
      await migrateIn(sql);
      await fill(contents, sql, progress);
    });
    return { users: contents.users.length, messages: contents.messageCount };
  } finally {
    await contents.close();
    lock.release();
  }
}

/** Writes everything into empty tables, and compares each row with what it was made from. */
export async function fill(from: Contents, sql: ISql, progress: StepProgress): Promise<void> {
  const contents = { ...from, class: withId(from.class) };
  await writeTables(contents, sql, (done, of) => progress("copying", done, of));
  await compareContents(contents, await readTables(sql), (done, of) => progress("checking", done, of));
}

/**
 * Opens a folder as a start does, which finishes what a crash left half done. Then it reads it.
 * @param ofReading is told what is set aside in the class while it is read.
 */
export async function settledFolder(
  root: string,
  report: Report,
  ofReading = report,
): Promise<{ contents: OpenContents; lock: Lock }> {
  const paths = new Paths(root);
  // Opening would make a new folder.
  await stat(paths.users);
  const store = await openStore({
    root,
    report,
    now: Date.now,
    maxFileBytes: Number.MAX_SAFE_INTEGER,
    onEvent: () => {},
    onTokenEnd: () => {},
    onFatal(error) {
      throw error;
    },
  });
  const lock = await store.closeToReopen();
  try {
    return { contents: await openFolderContents(paths, ofReading), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A server that was started once, and has no users yet, has left nothing but a class secret. */
async function mustBeEmpty(sql: ISql): Promise<void> {
  if (!(await hasTables(sql))) return;
  await ranMigrations(sql);
  const [row] = await sql<{ is_empty: boolean }[]>`
    select seq = 0 and not exists (select from users) and not exists (select from messages) as is_empty from head`;
  if (row?.is_empty !== true) {
    throw new MoveProblem(
      "There is already data in this database. Create an empty one with createdb, and move into that",
    );
  }
}
