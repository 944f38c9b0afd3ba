/**
 * Reads the folder `class`. It changes nothing: class-folder.ts decides what to do with files that are missing or
 * damaged. The files are small and there are few, so it looks at all of them every second. How far each pupil is takes a
 * file with more in it: such a file is read again only if it is another one, or was written to.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { ClassFacts, Progress } from "../contract.ts";
import { isCode } from "../error-code.ts";
import { ABOUT_PUPILS, type AboutPupil, type ClassFileName, type Paths, pupilFileNumber } from "../files/paths.ts";
import { type ClassKeys, decodeKeys } from "./class-keys.ts";
import { decodeProgress, MAX_PROGRESS_BYTES } from "./progress.ts";

/** What the files of the folder say. */
export interface Known {
  keys: ClassKeys | undefined;
  /** Tells this class from every other one. */
  id: string | undefined;
  teacherId: number | undefined;
  /** What the teacher has called the class when it was put away. It has this name when it is opened again. */
  label: string | undefined;
  facts: ClassFacts;
  /** The users of whom there is a file in each folder. */
  pupils: Record<AboutPupil, ReadonlySet<number>>;
  /** How far each pupil is in the course. */
  progress: ReadonlyMap<number, KnownProgress>;
}

interface KnownProgress {
  progress: Progress;
  /** Tells this state of the file from every other one. */
  stamp: string | typeof DAMAGED;
}

/** The file must be read again, or written again: it does not say this. */
export const DAMAGED = "";

/** What must be put right. */
export interface Damage {
  /** Files that are there, but do not say what they should. */
  files: ClassFileName[];
  /** The same for files in class/progress: the ids of the pupils. */
  progress: number[];
  /** Files that the server cannot do without, and that are not there. */
  missingFiles: ClassFileName[];
  /** Folders that are not there. */
  missingFolders: AboutPupil[];
  /** Something else has the name of these folders. */
  noFolders: AboutPupil[];
}

const NEEDED_FILES = ["keys.json", "id.dat"] as const;

export const NOTHING_KNOWN: Known = {
  keys: undefined,
  id: undefined,
  teacherId: undefined,
  label: undefined,
  facts: { isPaused: false, showsTexts: false, showsBoard: undefined, lesson: undefined },
  pupils: { muted: new Set(), hidden: new Set(), hands: new Set(), codes: new Set(), progress: new Set() },
  progress: new Map(),
};

/**
 * @param before what was known so far. Of a damaged file, that still counts.
 * @throws {Error} if the system cannot read now, for instance because too many files are open.
 */
export function readClass(paths: Paths, before: Known): { known: Known; damage: Damage } {
  const damage: Damage = { files: [], progress: [], missingFiles: [], missingFolders: [], noFolders: [] };
  const names = new Set(namesIn(paths.class));
  damage.missingFiles = NEEDED_FILES.filter((name) => !names.has(name));
  const read = <Value>(name: ClassFileName, known: Value, decode: (text: string) => Value | undefined) => {
    if (!names.has(name)) return undefined;
    const value = decode(textOf(paths.classFile(name)));
    if (value !== undefined) return value;
    damage.files.push(name);
    return known;
  };
  const users = (about: AboutPupil) => {
    const found = namesIn(paths.pupilFolder(about));
    if (found === "no folder") damage.noFolders.push(about);
    else if (!names.has(about)) damage.missingFolders.push(about);
    return new Set(found === "no folder" ? [] : found.map(pupilFileNumber).filter((userId) => userId !== undefined));
  };
  const pupils = {
    muted: users("muted"),
    hidden: users("hidden"),
    hands: users("hands"),
    codes: users("codes"),
    progress: users("progress"),
  };
  const progress = new Map<number, KnownProgress>();
  for (const userId of pupils.progress) {
    const earlier = before.progress.get(userId);
    const found = progressIn(paths.pupilFile("progress", userId), earlier);
    if (found === undefined) damage.progress.push(userId);
    const kept = found ?? (earlier && { ...earlier, stamp: DAMAGED });
    if (kept !== undefined) progress.set(userId, kept);
  }
  const known: Known = {
    keys: read("keys.json", before.keys, decodeKeys),
    id: read("id.dat", before.id, classId),
    teacherId: read("teacher.dat", before.teacherId, positiveInteger),
    label: read("label.dat", before.label, (text) => (text === "" ? undefined : text)),
    facts: {
      isPaused: names.has("paused.json"),
      showsTexts: names.has("texts-shown.json"),
      showsBoard: names.has("board-shown.json") || undefined,
      lesson: read("lesson.dat", before.facts.lesson, positiveInteger),
    },
    pupils,
    progress,
  };
  return { known, damage };
}

/** Whether two readings say the same, as far as the class is told. How far a pupil is, only the teacher asks. */
export function isSame(a: Known, b: Known): boolean {
  const isSameOf = (about: AboutPupil) =>
    a.pupils[about].size === b.pupils[about].size && a.pupils[about].isSubsetOf(b.pupils[about]);
  return (
    a.id === b.id &&
    a.teacherId === b.teacherId &&
    a.facts.isPaused === b.facts.isPaused &&
    a.facts.showsTexts === b.facts.showsTexts &&
    a.facts.showsBoard === b.facts.showsBoard &&
    a.facts.lesson === b.facts.lesson &&
    ABOUT_PUPILS.every((about) => about === "progress" || isSameOf(about))
  );
}

function namesIn(folder: string): string[] | "no folder" {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    if (isCode(error, "ENOTDIR")) return "no folder";
    throw error;
  }
}

/** @returns undefined if the file is damaged. */
function progressIn(path: string, before: KnownProgress | undefined): KnownProgress | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > MAX_PROGRESS_BYTES) return undefined;
  const stamp = [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(" ");
  if (before?.stamp === stamp) return before;
  const progress = decodeProgress(textOf(path));
  return progress && { progress, stamp };
}

/** Empty if it is a folder, or has just been removed. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (isCode(error, "ENOENT", "EISDIR")) return "";
    throw error;
  }
}

function classId(text: string): string | undefined {
  return /^[\w-]{8,64}$/.test(text) ? text : undefined;
}

function positiveInteger(text: string): number | undefined {
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
