/**
 * The backup of a database, and the restore into one. The file is the same as for a data folder: the database is copied
 * into a temporary folder, as it is at one moment, and that is packed. So a backup of either can be restored into both.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { ISql } from "postgres";
import { writeBackup } from "../backup/backup.ts";
import { unpackBackup } from "../backup/unpack-backup.ts";
import { Paths } from "../files/paths.ts";
import { RECENT_EVENTS, seqAfterGap } from "../journal/event-gap.ts";
import { lockMigrations, madeByMigrations, migrateIn, ranMigrations } from "../postgres/migrate.ts";
import { classLeftBehind, classLeftInTables } from "./class-left-behind.ts";
import type { Contents, Head } from "./contents.ts";
import { fill, type Moved, type StepProgress, settledFolder } from "./move-to-database.ts";
import { fillFolder } from "./move-to-folder.ts";
import { hasTables, mustBeCurrent, mustBeUnused, withTables } from "./open-tables.ts";
import { readHead, readTables } from "./table-contents.ts";

/** Writes a backup of a database, while servers go on using it. @param file must not exist yet. */
export async function backUpDatabase(
  address: string,
  file: string,
  progress: StepProgress,
): Promise<{ users: number; lines: number; left: string | undefined }> {
  // Beside the file: there is room for the backup, and perhaps not in the folder for temporary files.
  const folder = await mkdtemp(`${file}.unfinished-`);
  try {
    const left = await withTables(address, "snapshot", async (sql) => {
      await mustBeCurrent(sql);
      await fillFolder(await readTables(sql), new Paths(folder), progress);
      return classLeftInTables(sql);
    });
    return { ...(await writeBackup(folder, file, () => {})), left };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Replaces the data of a database with a backup. The old tables are moved into a schema of their own and never removed.
 * @returns the name of that schema, if there were data.
 */
export async function restoreDatabase(
  address: string,
  file: string,
  now: Date,
  progress: StepProgress,
): Promise<Moved & { before: string | undefined; left: string | undefined }> {
  const folder = await mkdtemp(`${tmpdir()}/plainchat-restore-`);
  try {
    await unpackBackup(file, new Paths(folder), () => {});
    // Nobody knows which numbers were given out since the backup: but the database does, see below.
    const restored = new Paths(new Paths(folder).restored);
    const left = await classLeftBehind(restored, "the backup");
    const { contents, lock } = await settledFolder(restored.root, () => {});
    try {
      const before = await withTables(address, "changes", async (sql) => {
        await lockMigrations(sql);
        await mustBeUnused(sql);
        const schema = await moveAway(sql, schemaFor(now));
        await migrateIn(sql);
        await fill(afterGap(contents, schema?.head), sql, progress);
        return schema?.name;
      });
      return { users: contents.users.length, messages: contents.messageCount, before, left };
    } finally {
      await contents.close();
      lock.release();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The same contents, for a database that may have given out more than the backup knows. No id is given out again, and
 * each stream that resumes is told to begin again: event numbers jump further than streams can resume.
 */
function afterGap(contents: Contents, old: Head = { eventId: 0, messageId: 0, userId: 0 }): Contents {
  const { head } = contents;
  return {
    ...contents,
    events: [],
    head: {
      // If the old database is lost, nobody knows how many events there were after the backup.
      eventId: seqAfterGap(Math.max(head.eventId, old.eventId), RECENT_EVENTS) + 1,
      messageId: Math.max(head.messageId, old.messageId),
      userId: Math.max(head.userId, old.userId),
    },
  };
}

/** In small letters: then nobody has to quote it. */
function schemaFor(now: Date): string {
  return `before_restore_${now
    .toISOString()
    .toLowerCase()
    .replaceAll(/[^0-9tz]/g, "_")}`;
}

/** Whether there is something that a restore replaces. */
export function hasDataIn(address: string): Promise<boolean> {
  return withTables(address, "snapshot", async (sql) => {
    if (!(await hasTables(sql))) return false;
    const [row] = await sql<{ has_users: boolean }[]>`select exists (select from users) as has_users`;
    return row?.has_users === true;
  });
}

/** Makes room for new tables. @returns where the old ones are, and the greatest numbers that they have given out. */
async function moveAway(sql: ISql, name: string): Promise<{ name: string; head: Head } | undefined> {
  if (!(await hasTables(sql))) return undefined;
  await ranMigrations(sql);
  const head = await readHead(sql);
  await sql`create schema ${sql(name)}`;
  for (const made of [{ kind: "table", name: "migrations" }, ...madeByMigrations()]) {
    await sql.unsafe(`alter ${made.kind} if exists "${made.name}" set schema "${name}"`);
  }
  return { name, head };
}
