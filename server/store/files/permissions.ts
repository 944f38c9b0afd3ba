/**
 * Keeps other users of the same computer out of the data. What the server makes is its owner's alone, but an editor, a
 * copy or a folder that was there before may have opened it to others. The start looks once and mends it. If that
 * fails, because a file belongs to somebody else, the start reports it and goes on.
 */
import { chmodSync, lstatSync, readdirSync, statSync } from "node:fs";
import type { Report } from "../report.ts";
import { namesIn } from "./names-in.ts";
import { ABOUT_PUPILS, journalNumbersIn, type Paths } from "./paths.ts";

const ANY_USE_BY_OTHERS = 0o077;
const WRITING_BY_OTHERS = 0o022;
const ALL_MODES = 0o7777;
const STICKY = 0o1000;

export function keepOthersOut(paths: Paths, report: Report): void {
  // Windows has no such modes.
  if (process.platform === "win32") return;
  // Others may see which names are in a folder that was there before. If they could write, they could put their own
  // files in the place of ours. Folders like /tmp, where nobody can do that to others, stay as they are.
  const open = [
    ...[paths.root].filter((path) => isOpen(path, WRITING_BY_OTHERS) && (statSync(path).mode & STICKY) === 0),
    ...ownFiles(paths).filter((path) => isOpen(path, ANY_USE_BY_OTHERS)),
  ];
  const mended = open.filter((path) => takeAway(path, path === paths.root ? WRITING_BY_OTHERS : ANY_USE_BY_OTHERS));
  if (mended.length > 0) {
    report("info", "Other users of this computer could read or change the data. Now only the owner can", {
      files: mended.length,
    });
  }
  const [first] = open.filter((path) => !mended.includes(path));
  if (first !== undefined) {
    report(
      "info",
      "Other users of this computer can read or change some of the data. Make the user who runs the server the owner of the files",
      { files: open.length - mended.length, first },
    );
  }
}

function ownFiles(paths: Paths): string[] {
  const { users, messages, reserve } = paths;
  const ofUsers = readdirSync(users).filter((name) => paths.isUserFile(name));
  const journal = journalNumbersIn(readdirSync(messages));
  return [
    users,
    ...ofUsers.map((name) => paths.userFile(name)),
    messages,
    ...journal.map((number) => paths.journalFile(number)),
    reserve,
    paths.aside,
    paths.usersAside,
    ...filesOfClass(paths),
    paths.requests,
    paths.restored,
  ];
}

/** Also without class mode: the keys are there from an earlier lesson. */
function filesOfClass(paths: Paths): string[] {
  const inFolder = (path: string, folder: string) =>
    namesIn(path).flatMap((name) => paths.fileOfClass(folder, name) ?? []);
  const ofPupils = ABOUT_PUPILS.flatMap((about) => {
    const path = paths.pupilFolder(about);
    return [path, ...inFolder(path, `class/${about}`)];
  });
  return [paths.class, ...inFolder(paths.class, "class"), ...ofPupils, paths.classAside];
}

function isOpen(path: string, use: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // What a link leads to is not ours.
  return found !== undefined && !found.isSymbolicLink() && (found.mode & use) !== 0;
}

/** @returns false when only somebody else may do that. */
function takeAway(path: string, use: number): boolean {
  try {
    chmodSync(path, lstatSync(path).mode & ALL_MODES & ~use);
    return true;
  } catch {
    return false;
  }
}
