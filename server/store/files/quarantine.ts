/**
 * Sets damaged files aside: they are kept as they are under another name, so that a person can look at them. Journal
 * files go to messages/aside, files of users to users/aside, files of the class to class/aside. Nothing ever removes them again.
 */
import { lstatSync } from "node:fs";
import { link, lstat, mkdir, readdir, rename } from "node:fs/promises";
import { isCode } from "../error-code.ts";
import { syncFolder, syncFolderOf } from "./durable-file.ts";

/**
 * Gives a file a second name in a folder for damaged ones, durably.
 * @param nameFor makes a path in `folder`, a different one for each attempt.
 * @param put gives the name: a link, or a copy if the file is still written to.
 * @returns the path that was free.
 */
export async function setAside(
  file: string,
  folder: string,
  nameFor: (attempt: number) => string,
  put: (from: string, to: string) => Promise<void> = link,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt++) {
    const name = nameFor(attempt);
    try {
      await put(file, name);
      await syncFolder(folder);
      await syncFolderOf(file);
      return name;
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
  }
}

/** How many files are set aside in a folder, now or earlier. */
export async function countFilesAside(folder: string): Promise<number> {
  try {
    return (await readdir(folder)).length;
  } catch (error) {
    if (isCode(error, "ENOENT")) return 0;
    throw error;
  }
}

/** Moves a file or a folder to a name that must be free: `rename` alone would put it in the place of another. */
export async function moveToFreeName(from: string, to: string): Promise<void> {
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) throw Object.assign(new Error(to), { code: "EEXIST" });
  await rename(from, to);
}

/** Whether something else than a file has this name: a folder, a pipe, or a link, wherever it leads. */
export async function isNoFile(path: string): Promise<boolean> {
  try {
    return !(await lstat(path)).isFile();
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}
