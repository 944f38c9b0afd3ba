/**
 * `plainchat move --from postgres://… --to data`. The file `unfinished-move` is in the folder until everything is on
 * the disk and checked. A move that was interrupted is begun again by the next one. The database is only read.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import type { ISql } from "postgres";
import { isCode } from "../error-code.ts";
import { createFile, removeFiles } from "../files/durable-file.ts";
import { Lock } from "../files/lock.ts";
import { Paths } from "../files/paths.ts";
import { isUnfinished } from "../files/unfinished-move.ts";
import { type Contents, compareContents } from "./contents.ts";
import { openFolderContents } from "./folder-contents.ts";
import { leftInTables } from "./left-behind.ts";
import { MoveProblem } from "./move-problem.ts";
import type { Moved, StepProgress } from "./move-to-database.ts";
import { IS_OLDER, mustBeCurrent, mustBeUnused, withTables } from "./open-tables.ts";
import { readTables } from "./table-contents.ts";
import { writeFolder } from "./write-folder.ts";

/** PostgreSQL's code. */
const UNDEFINED_TABLE = "42P01";
const LOCK_PATIENCE_MILLISECONDS = 500;

/** @param onLeft is told before anything is written, in a sentence, what does not move. */
export async function moveToFolder(
  address: string,
  root: string,
  progress: StepProgress,
  onLeft: (sentence: string) => void = () => {},
): Promise<Moved> {
  const paths = new Paths(root);
  await mustBeEmpty(paths);
  return withTables(address, "snapshot", async (sql) => {
    await lockTables(sql);
    await mustBeCurrent(sql);
    await mustBeUnused(sql);
    const left = await leftInTables(sql);
    if (left !== undefined) onLeft(left);
    const contents = await readTables(sql);
    await mkdir(root, { recursive: true, mode: 0o700 });
    const lock = await Lock.take(paths.lock, LOCK_PATIENCE_MILLISECONDS);
    try {
      await removeParts(paths);
      await createFile(paths.unfinishedMove, "");
      await fillFolder(contents, paths, progress);
      await removeFiles([paths.unfinishedMove]);
    } catch (error) {
      await removeParts(paths).catch(() => {});
      await removeFiles([paths.unfinishedMove]).catch(() => {});
      throw error;
    } finally {
      lock.release();
    }
    return { users: contents.users.length, messages: contents.messageCount };
  });
}

/** Writes everything into an empty folder, and compares each line with what it was made from. */
export async function fillFolder(contents: Contents, paths: Paths, progress: StepProgress): Promise<void> {
  await writeFolder(contents, paths, (done, of) => progress("copying", done, of));
  const mustSayNothing = (_level: string, sentence: string) => {
    throw new MoveProblem(`What was written cannot be read again: ${sentence}`);
  };
  const written = await openFolderContents(paths, mustSayNothing);
  try {
    await compareContents(contents, written, (done, of) => progress("checking", done, of));
  } finally {
    await written.close();
  }
}

/**
 * No server can start on the database now: it asks which migrations have run, and waits for this lock. These locks come
 * before the first question, because that decides which moment is read.
 */
async function lockTables(sql: ISql): Promise<void> {
  try {
    await sql`lock table migrations in access exclusive mode`;
  } catch (error) {
    throw isCode(error, UNDEFINED_TABLE) ? new MoveProblem("There is no data of plainchat in this database") : error;
  }
  try {
    await sql`
      lock table head, users, handles, secret, messages, events,
        class, class_keys, class_muted, class_hidden, class_hands, class_codes, class_progress in share mode`;
  } catch (error) {
    throw isCode(error, UNDEFINED_TABLE) ? new MoveProblem(IS_OLDER) : error;
  }
}

async function mustBeEmpty(paths: Paths): Promise<void> {
  if (await isUnfinished(paths)) return;
  const names = await readdir(paths.root).catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  });
  const ofLock = [paths.lock, `${paths.lock}-journal`].map((path) => paths.below(path));
  if (names.every((name) => ofLock.includes(name))) return;
  throw new MoveProblem(`${paths.root} is not empty. Choose a new folder`);
}

/** What an interrupted move has left. Nothing else can be there: the folder was empty before. */
async function removeParts(paths: Paths): Promise<void> {
  for (const path of [paths.users, paths.messages, paths.class, paths.lastIds])
    await rm(path, { recursive: true, force: true });
}
