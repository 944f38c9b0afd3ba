/**
 * Replaces the data in a folder with a backup. First every line of the backup is checked, then it is unpacked beside the
 * data: it is used only if all of it is good. The old data are moved away and never removed.
 *
 *     restored/users, messages, class     the backup, unpacked
 *     restored/complete                   names the folder for the old data; once it exists, the restore will happen
 *     before-restore-<time>/              the old data
 *
 * The data are replaced when the folder is opened, under its lock. Each move can be interrupted and done again, so a
 * crash in between does no harm.
 */
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { isCode } from "../error-code.ts";
import { createFile, removeFiles, replaceFile, syncFolder } from "../files/durable-file.ts";
import { Lock, LockedError } from "../files/lock.ts";
import { ABOUT_PUPILS, journalNumbersIn, Paths, userFileKind } from "../files/paths.ts";
import { seqAfterRestore } from "../journal/event-gap.ts";
import { createJournalFile } from "../journal/journal-file.ts";
import { visitRecords } from "../journal/lines.ts";
import type { Progress } from "./backup.ts";
import { unpackBackup } from "./unpack-backup.ts";

/**
 * Unpacks a backup beside the data and checks it. The next `finishRestore` will replace the data with it.
 * @throws {Error} with a message for the person at the terminal. Nothing has changed then.
 */
export async function stageRestore(
  root: string,
  file: string,
  now: Date,
  progress: Progress,
): Promise<{ users: number; lines: number; before: string }> {
  const paths = new Paths(root);
  const lock = takeLock(paths);
  try {
    if (await exists(paths.restoreIsComplete))
      throw new Error("Another restore is waiting. Start the server to finish it");
    const staged = await stage(paths, file, now, progress);
    lock.release();
    return staged;
  } catch (error) {
    lock.release();
    await clearIfEmpty(paths);
    throw error;
  }
}

/** A refused restore leaves nothing in a folder that was empty. Elsewhere the lock's file stays for the next restore. */
async function clearIfEmpty(paths: Paths): Promise<void> {
  const files = [paths.restoreLock, `${paths.restoreLock}-journal`];
  const ofLock = files.map((file) => paths.below(file));
  if ((await readdir(paths.root)).every((name) => ofLock.includes(name))) await removeFiles(files);
}

async function stage(
  paths: Paths,
  file: string,
  now: Date,
  progress: Progress,
): Promise<{ users: number; lines: number; before: string }> {
  await rm(paths.restored, { recursive: true, force: true });
  const staged = new Paths(paths.restored);
  try {
    const { users, lines } = await unpackBackup(file, paths, progress);
    await keepKeys(paths, staged);
    for (const folder of [staged.users, staged.messages, paths.restored, paths.root]) await syncFolder(folder);
    const before = `before-restore-${now.toISOString().replaceAll(":", "-")}`;
    await createFile(paths.restoreIsComplete, before);
    return { users, lines, before };
  } catch (error) {
    await rm(paths.restored, { recursive: true, force: true });
    throw error;
  }
}

/**
 * What the teacher decided about people of the old data must not hold for people of the backup, who may have the same
 * ids. But the keys stay, if the backup has none: the teacher's page is open in some browser.
 */
async function keepKeys(paths: Paths, staged: Paths): Promise<void> {
  if (await exists(paths.class)) await mkdir(staged.class, { recursive: true, mode: 0o700 });
  if (!(await exists(staged.class))) return;
  const [keys, stagedKeys] = [paths.classFile("keys.json"), staged.classFile("keys.json")];
  if ((await exists(keys)) && !(await exists(stagedKeys))) await replaceFile(stagedKeys, await readFile(keys, "utf8"));
  for (const about of ABOUT_PUPILS) {
    if (await exists(staged.pupilFolder(about))) await syncFolder(staged.pupilFolder(about));
  }
  await syncFolder(staged.class);
}

/** Two restores at once would unpack into the same folder. @throws {Error} when another one is running. */
function takeLock(paths: Paths): Lock {
  try {
    return new Lock(paths.restoreLock);
  } catch (error) {
    if (error instanceof LockedError) throw new Error("Another restore is running", { cause: error });
    throw error;
  }
}

/** Whether a staged restore is not finished yet: then the data are still the old ones. */
export function isRestoreWaiting(root: string): Promise<boolean> {
  return exists(new Paths(root).restoreIsComplete);
}

/**
 * Finishes a staged restore. The caller must have the lock of the folder. @returns whether there was one.
 * @param now in milliseconds since 1970.
 */
export async function finishRestore(paths: Paths, now: number): Promise<boolean> {
  if (!(await exists(paths.restoreIsComplete))) return false;
  const before = new Paths(paths.beforeRestore(await readFile(paths.restoreIsComplete, "utf8")));
  const staged = new Paths(paths.restored);
  for (const [from, to, old] of [
    [staged.users, paths.users, before.users],
    [staged.messages, paths.messages, before.messages],
    [staged.class, paths.class, before.class],
  ] as const) {
    if (!(await exists(from))) continue;
    // An empty folder was made by a start. After a crash in between, the old one has been moved already.
    if (!(await removedIfEmpty(to))) {
      await mkdir(before.root, { recursive: true, mode: 0o700 });
      await rename(to, old);
      await syncFolder(before.root);
    }
    await rename(from, to);
    for (const folder of [paths.restored, paths.root]) await syncFolder(folder);
  }
  await closeGap(paths, before, now);
  await removeFiles([paths.restoreIsComplete]);
  await rmdir(paths.restored);
  return true;
}

/**
 * Ids that were given out after the backup was made must not be given out again, and a stream must not resume after an
 * event that is not in the backup. So the journal goes on in a new file, with numbers above all that were ever used.
 */
async function closeGap(paths: Paths, before: Paths, now: number): Promise<void> {
  const greatest = { seq: 0, lastMessageId: 0, lastUserId: 0 };
  let lastNumber = 0;
  let unreadableBytes = 0;
  for (const each of [before, paths]) {
    for (const number of journalNumbersIn(await readdirIfThere(each.messages))) {
      if (each === paths) lastNumber = number;
      await visitRecords(each.journalFile(number), {
        onRecord(record) {
          greatest.seq = Math.max(greatest.seq, record.seq);
          if ("messageId" in record) greatest.lastMessageId = Math.max(greatest.lastMessageId, record.messageId);
          if ("userId" in record) greatest.lastUserId = Math.max(greatest.lastUserId, record.userId);
          if (record.op !== "start") return;
          greatest.lastUserId = Math.max(greatest.lastUserId, record.lastUserId);
          greatest.lastMessageId = Math.max(greatest.lastMessageId, record.lastMessageId, record.usedMessageId ?? 0);
        },
        onBad(line) {
          unreadableBytes += line.length;
        },
      });
    }
    for (const name of await readdirIfThere(each.users)) {
      const kind = userFileKind(name);
      if (kind !== undefined && "token" in kind) greatest.lastUserId = Math.max(greatest.lastUserId, kind.token);
    }
  }
  // So far ahead that every earlier event counts as forgotten, even those in unreadable lines, which have at least one
  // byte each, and those that were only on a disk that is gone.
  const seq = seqAfterRestore(greatest.seq, unreadableBytes, now);
  const { handle } = await createJournalFile(paths, lastNumber + 1, { op: "start", ...greatest, seq });
  await handle.close();
}

async function readdirIfThere(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** Removes a folder if it is empty. @returns whether there is no folder now. */
async function removedIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return true;
    if (isCode(error, "ENOTEMPTY", "EEXIST")) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}
