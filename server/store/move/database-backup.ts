/**
 * The backup of a database, and the restore into one. The file is the same as for a data folder: the database is copied
 * into a temporary folder, as it is at one moment, and that is packed. So a backup of either can be restored into both.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { ISql } from "postgres";
import { writeBackup } from "../backup/backup.ts";
import { unpackBackup } from "../backup/unpack-backup.ts";
import type { ClassKeys } from "../class/class-keys.ts";
import { Paths } from "../files/paths.ts";
import { seqAfterRestore } from "../journal/event-gap.ts";
import { lockMigrations, madeByMigrations, migrateIn, ranMigrations } from "../postgres/migrate.ts";
import type { Report } from "../report.ts";
import { readClassKeys } from "./class-in-tables.ts";
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
): Promise<{ users: number; lines: number }> {
  // Beside the file: there is room for the backup, and perhaps not in the folder for temporary files.
  const folder = await mkdtemp(`${file}.unfinished-`);
  try {
    await withTables(address, "snapshot", async (sql) => {
      await mustBeCurrent(sql);
      await fillFolder(await readTables(sql), new Paths(folder), progress);
    });
    return await writeBackup(folder, file, () => {});
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Replaces the data of a database with a backup. The old tables are moved into a schema of their own and never removed.
 * @param report is told what is damaged in the class of the backup, which its owner could not see before.
 * @returns the name of that schema, if there were data.
 */
export async function restoreDatabase(
  address: string,
  file: string,
  now: Date,
  progress: StepProgress,
  report: Report = () => {},
): Promise<Moved & { before: string | undefined }> {
  const folder = await mkdtemp(`${tmpdir()}/plainchat-restore-`);
  try {
    await unpackBackup(file, new Paths(folder), () => {});
    // Nobody knows which numbers were given out since the backup: but the database does, see below.
    const { contents, lock } = await settledFolder(new Paths(folder).restored, () => {}, report);
    try {
      const before = await withTables(address, "changes", async (sql) => {
        await lockMigrations(sql);
        await mustBeUnused(sql);
        const old = await moveAway(sql, schemaFor(now));
        await migrateIn(sql);
        await fill(afterRestore(contents, now, old), sql, progress);
        return old?.schema;
      });
      return { users: contents.users.length, messages: contents.messageCount, before };
    } finally {
      await contents.close();
      lock.release();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a restore must know of the tables that it has moved away. */
interface OldTables {
  schema: string;
  head: Head;
  keys: ClassKeys | undefined;
}

/**
 * The same contents, for a database that may have given out more than the backup knows. No id is given out again, and
 * each stream that resumes is told to begin again: event numbers jump further than streams can resume. The keys of the
 * class stay, if the backup has none: the teacher's page is open in some browser.
 */
function afterRestore(contents: Contents, now: Date, old?: OldTables): Contents {
  const { head } = contents;
  const greatest = Math.max(head.eventId, old?.head.eventId ?? 0);
  const { facts } = contents.class;
  return {
    ...contents,
    class: { ...contents.class, facts: { ...facts, keys: facts.keys ?? old?.keys } },
    events: [],
    head: {
      eventId: seqAfterRestore(greatest, 0, now.getTime()),
      messageId: Math.max(head.messageId, old?.head.messageId ?? 0),
      userId: Math.max(head.userId, old?.head.userId ?? 0),
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

/** Makes room for new tables. @returns what was there. */
async function moveAway(sql: ISql, schema: string): Promise<OldTables | undefined> {
  if (!(await hasTables(sql))) return undefined;
  await ranMigrations(sql);
  const old = { schema, head: await readHead(sql), keys: await readClassKeys(sql) };
  await sql`create schema ${sql(schema)}`;
  for (const made of [{ kind: "table", name: "migrations" }, ...madeByMigrations()]) {
    await sql.unsafe(`alter ${made.kind} if exists "${made.name}" set schema "${schema}"`);
  }
  return old;
}
