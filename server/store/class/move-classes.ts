/**
 * Puts a class away in `archive`, and opens another one in its place, as archive/next.json says. It runs when the folder
 * is opened, under its lock and before anything reads it. Each move can be interrupted and done again, so a crash in
 * between does no harm. The keys stay: the teacher's page and the wall are open in some browser.
 */
import type { Stats } from "node:fs";
import { mkdir, readdir, readFile, rename, rmdir, stat } from "node:fs/promises";
import { isCode } from "../error-code.ts";
import { removeFiles, removeTemporaryFiles, replaceFile, syncFolder, syncFolderOf } from "../files/durable-file.ts";
import { isArchiveName, Paths } from "../files/paths.ts";
import type { Report } from "../report.ts";
import type { ArchiveOrder } from "./archives.ts";

const REASONS = {
  "not found": "it is not there any more",
  "no place": "there is a class already, which archive/next.json does not put away",
};

/** @returns whether there was something to do. */
export async function moveClasses(paths: Paths, report: Report): Promise<boolean> {
  if (await isFolder(paths.archive)) await removeTemporaryFiles(paths.archive);
  const order = await readOrder(paths, report);
  if (order === undefined) return false;
  const { putAway, open } = order;
  if (putAway !== undefined) {
    await putClassAway(paths, putAway);
    // The second half must not begin with the first one again: what it has opened would be put away.
    await replaceFile(paths.archiveOrder, JSON.stringify({ open }));
    report("info", `The class was put away in archive/${putAway.archive}`, { users: putAway.userCount });
  }
  if (open !== undefined) {
    const outcome = await openClass(paths, open);
    if (outcome === "opened") report("info", `archive/${open} is the class now`, {});
    else report("error", `archive/${open} was not opened: ${REASONS[outcome]}`, {});
  }
  for (const folder of [paths.users, paths.messages]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(paths.root);
  await removeFiles([paths.archiveOrder]);
  return true;
}

/** An order that somebody has damaged by hand must not stop the start. The class stays. */
async function readOrder(paths: Paths, report: Report): Promise<ArchiveOrder | undefined> {
  try {
    const { putAway, open } = JSON.parse(await readFile(paths.archiveOrder, "utf8"));
    const names = [putAway?.archive, open].filter((name) => name !== undefined);
    if (names.every((name) => typeof name === "string" && isArchiveName(name))) return { putAway, open };
  } catch (error) {
    // A folder with this name is none of ours.
    if (isCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  report("error", "archive/next.json is damaged: no class was put away. Do it again", {});
  await removeFiles([paths.archiveOrder]);
  return undefined;
}

async function putClassAway(paths: Paths, { archive, ...about }: NonNullable<ArchiveOrder["putAway"]>): Promise<void> {
  const archived = new Paths(paths.archived(archive));
  await mkdir(archived.root, { recursive: true, mode: 0o700 });
  await syncFolder(paths.archive);
  await removeTemporaryFiles(archived.root);
  await replaceFile(paths.aboutArchive(archive), `${JSON.stringify(about, null, 2)}\n`);
  for (const [from, to] of [
    [paths.users, archived.users],
    [paths.messages, archived.messages],
    [paths.lastIds, archived.lastIds],
    [paths.class, archived.class],
  ] as const) {
    // After a crash, an empty folder may be in the place of the one that has moved.
    if (!(await exists(to))) await move(from, to);
  }
  await moveKeys(archived, paths);
  // It is kept for a full disk, and nobody writes here.
  if (await exists(archived.messages)) await removeFiles([archived.reserve]);
}

async function openClass(paths: Paths, archive: string): Promise<"opened" | keyof typeof REASONS> {
  const archived = new Paths(paths.archived(archive));
  if (!(await exists(archived.root))) return "not found";
  // Somebody has written the order by hand. Not even the keys may move then: the class would lose its teacher.
  if ((await exists(archived.users)) && (await hasFiles(paths.users))) return "no place";
  if (await exists(archived.class)) {
    await moveKeys(paths, archived);
    await rmdirIfEmpty(paths.class);
  }
  for (const [from, to] of [
    [archived.users, paths.users],
    [archived.messages, paths.messages],
    [archived.class, paths.class],
    [archived.lastIds, paths.lastIds],
  ] as const) {
    if (!(await exists(from))) continue;
    await rmdirIfEmpty(to);
    await move(from, to);
  }
  // Whoever looked into the archive, such as plainchat doctor, has left a lock there.
  await removeFiles([paths.aboutArchive(archive), archived.lock]);
  await rmdirIfEmpty(archived.root);
  await syncFolder(paths.archive);
  return "opened";
}

/** The keys belong to the teacher, and not to one of the classes. */
async function moveKeys(from: Paths, to: Paths): Promise<void> {
  const [old, kept] = [from.classFile("keys.json"), to.classFile("keys.json")];
  if (!(await exists(old))) return;
  await mkdir(to.class, { recursive: true, mode: 0o700 });
  await syncFolder(to.root);
  await move(old, kept);
}

/** Moves a file or a folder, durably. It is no error if it is not there: it was moved before a crash. */
async function move(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  await rename(from, to);
  for (const path of [to, from]) await syncFolderOf(path);
}

/** What else is in an archive stays there, such as a file that somebody has put into it. */
async function rmdirIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isCode(error, "ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw error;
  }
}

async function hasFiles(folder: string): Promise<boolean> {
  return (await exists(folder)) && (await readdir(folder)).length > 0;
}

async function exists(path: string): Promise<boolean> {
  return (await statIfThere(path)) !== undefined;
}

/** Somebody may have made a file with the name: then no class can be put away, but the server starts. */
async function isFolder(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isDirectory() === true;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
