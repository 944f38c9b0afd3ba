/**
 * Reads the folder `class`. It changes nothing: class-folder.ts decides what to do with files that are missing or
 * damaged. The files are small and there are few, so all of them are read every second.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { ClassFacts } from "../contract.ts";
import { isCode } from "../error-code.ts";
import { ABOUT_PUPILS, type AboutPupil, type ClassFileName, type Paths, pupilFileNumber } from "../files/paths.ts";
import { type ClassKeys, decodeKeys } from "./class-keys.ts";

/** What the files of the folder say. */
export interface Known {
  keys: ClassKeys | undefined;
  /** Tells this class from every other one. */
  id: string | undefined;
  teacherId: number | undefined;
  facts: ClassFacts;
  /** The users of whom there is a file in each folder. */
  pupils: Record<AboutPupil, ReadonlySet<number>>;
}

/** What must be put right. */
export interface Damage {
  /** Files that are there, but do not say what they should. */
  files: ClassFileName[];
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
  facts: { isPaused: false, showsTexts: false, lesson: undefined },
  pupils: { muted: new Set(), hidden: new Set(), hands: new Set(), codes: new Set() },
};

/**
 * @param before what was known so far. Of a damaged file, that still counts.
 * @throws {Error} if the system cannot read now, for instance because too many files are open.
 */
export function readClass(paths: Paths, before: Known): { known: Known; damage: Damage } {
  const damage: Damage = { files: [], missingFiles: [], missingFolders: [], noFolders: [] };
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
  const known: Known = {
    keys: read("keys.json", before.keys, decodeKeys),
    id: read("id.dat", before.id, classId),
    teacherId: read("teacher.dat", before.teacherId, positiveInteger),
    facts: {
      isPaused: names.has("paused.json"),
      showsTexts: names.has("texts-shown.json"),
      lesson: read("lesson.dat", before.facts.lesson, positiveInteger),
    },
    pupils: { muted: users("muted"), hidden: users("hidden"), hands: users("hands"), codes: users("codes") },
  };
  return { known, damage };
}

/** Whether two readings say the same, as far as clients can see. */
export function isSame(a: Known, b: Known): boolean {
  const isSameOf = (about: AboutPupil) =>
    a.pupils[about].size === b.pupils[about].size && a.pupils[about].isSubsetOf(b.pupils[about]);
  return (
    a.id === b.id &&
    a.teacherId === b.teacherId &&
    a.facts.isPaused === b.facts.isPaused &&
    a.facts.showsTexts === b.facts.showsTexts &&
    a.facts.lesson === b.facts.lesson &&
    ABOUT_PUPILS.every(isSameOf)
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
