/**
 * Small files that are there as a whole or not at all, even after a power cut. Everything that must not be half done
 * goes through these functions: the users folder, the class secret, the result of a compaction.
 *
 * A file's name is data of its folder. Without an fsync of the folder, a file that was written and fsynced can still be
 * gone after a power cut.
 */
import { type FileHandle, link, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isCode } from "../error-code.ts";
import { SyncError } from "../store-errors.ts";
import { TEMPORARY_PREFIX } from "./paths.ts";

/** Owner only: these files hold tokens and secrets. */
const FILE_MODE = 0o600;

let temporaryFiles = 0;

/**
 * Creates a file that must not exist yet. `link` makes this safe: it fails when the name is taken, and if many callers
 * try at once, exactly one succeeds.
 * @returns false when the file already exists.
 */
export async function createFile(path: string, text: string): Promise<boolean> {
  const temporary = await writeTemporary(path, text);
  try {
    await changeFolder(dirname(path), () => link(temporary, path));
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    // If this fails, the file was still created: the next start removes the leftover.
    await unlink(temporary).catch(() => {});
  }
}

/** Creates a file, or replaces its contents: a reader sees the old text or the new one, never a mixture. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = await writeTemporary(path, text);
  try {
    await changeFolder(dirname(path), () => rename(temporary, path));
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
}

/** Removes files of one folder, durably. It is no error if one is not there. */
export async function removeFiles(paths: string[]): Promise<void> {
  if (paths[0] === undefined) return;
  await changeFolder(dirname(paths[0]), async () => {
    for (const path of paths) await removeFile(path);
  });
}

/**
 * Changes names in a folder, durably. The folder is opened first, so after the change only the sync itself can still
 * fail, and then nothing can be promised any more. If the folder were opened last and that failed, the change would be
 * there, but its caller would believe that it is not.
 */
export async function changeFolder(folder: string, change: () => Promise<void>): Promise<void> {
  // Windows cannot open a folder, and keeps a journal of its names itself.
  if (process.platform === "win32") return change();
  const handle = await open(folder, "r");
  try {
    await change();
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}

/** Makes names that were created, changed or removed in a folder durable. */
export function syncFolder(folder: string): Promise<void> {
  return changeFolder(folder, async () => {});
}

/** Makes the name of a file durable. */
export function syncFolderOf(path: string): Promise<void> {
  return syncFolder(dirname(path));
}

/** Makes the written bytes durable. @throws {SyncError} when that fails: it must never be tried again. */
export async function syncHandle(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    throw new SyncError("A file cannot be made durable", { cause: error });
  }
}

/** Removes unfinished files that a crash left. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(TEMPORARY_PREFIX)) await removeFile(join(folder, name));
  }
}

async function writeTemporary(path: string, text: string): Promise<string> {
  temporaryFiles++;
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${temporaryFiles}-${basename(path)}`);
  const handle = await open(temporary, "wx", FILE_MODE);
  try {
    await handle.writeFile(text);
    // A full disk can show as a short file instead of an error, so the size is checked.
    const { size } = await handle.stat();
    if (size !== Buffer.byteLength(text)) throw new Error(`Only ${size} bytes of ${basename(path)} were written`);
    await syncHandle(handle);
  } catch (error) {
    await handle.close();
    await removeFile(temporary);
    throw error;
  }
  await handle.close();
  return temporary;
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
}
