/**
 * The only file that builds a path. Ids and hashes come from clients, so they are checked here once more before they
 * become part of a file's name: whatever goes wrong elsewhere, no request gets out of the data folder.
 */
import { basename, dirname, join, relative, sep } from "node:path";

/**
 * The folders in `class` with files about pupils: who may not send, who is not on the wall, who wants help, who may rejoin,
 * and how far they are in the course.
 */
export const ABOUT_PUPILS = ["muted", "hidden", "hands", "codes", "progress"] as const;
export type AboutPupil = (typeof ABOUT_PUPILS)[number];
/** The files in `class` about the whole class. */
export const CLASS_FILES = [
  "keys.json",
  "id.dat",
  "teacher.dat",
  "lesson.dat",
  "label.dat",
  "paused.json",
  "texts-shown.json",
  "board-shown.json",
] as const;
export type ClassFileName = (typeof CLASS_FILES)[number];

/** The names in the data folder, as docs/spec.md and ARCHITECTURE.md describe them. */
export class Paths {
  readonly root: string;
  readonly users: string;
  readonly messages: string;
  readonly lock: string;
  readonly secret: string;
  /** The greatest numbers that were given out. */
  readonly lastIds: string;
  /** Space that is kept for removing things when the disk is full. */
  readonly reserve: string;

  constructor(root: string) {
    this.root = root;
    this.users = join(root, "users");
    this.messages = join(root, "messages");
    this.lock = join(root, "lock");
    this.secret = join(root, "users", "secret.dat");
    this.lastIds = join(root, "last-ids.json");
    this.reserve = join(root, "messages", "reserve");
  }

  /** A path as it is shown: relative to the root, with slashes on every system. */
  below(path: string): string {
    return relative(this.root, path).replaceAll(sep, "/");
  }

  /** `class`: what the teacher has decided. */
  get class(): string {
    return join(this.root, "class");
  }

  classFile(name: ClassFileName): string {
    return join(this.class, name);
  }

  /** `class/muted` and others: a file for each pupil of whom it is true. */
  pupilFolder(about: AboutPupil): string {
    return join(this.class, about);
  }

  pupilFile(about: AboutPupil, userId: number): string {
    return join(this.pupilFolder(about), `${checkedNumber(userId)}.json`);
  }

  /** `class/aside`: damaged files of the class. */
  get classAside(): string {
    return join(this.class, "aside");
  }

  /** Where a damaged file of the class is kept, or something that has the name of one of its folders. */
  asideClassFile(name: ClassFileName | AboutPupil, attempt: number): string {
    return join(this.classAside, `${checkedNumber(attempt)}-${name}`);
  }

  /** `archive`: the classes that were put away, each in a folder that has the layout of a data folder. */
  get archive(): string {
    return join(this.root, "archive");
  }

  /** Whether this root is itself a class that was put away. */
  get isArchive(): boolean {
    return basename(dirname(this.root)) === "archive";
  }

  /** @param name of an archive, as clients send it. */
  archived(name: string): string {
    if (!isArchiveName(name)) throw new Error("This is not the name of an archive");
    return join(this.archive, name);
  }

  /** What is known of an archive: when the class ended, how many people were in it. */
  aboutArchive(name: string): string {
    return join(this.archived(name), "about.json");
  }

  /** Exists from the moment at which a class is to be put away until all of it has moved. */
  get archiveOrder(): string {
    return join(this.archive, "next.json");
  }

  /** Where a damaged file about one pupil is kept. */
  asidePupilFile(about: AboutPupil, userId: number, attempt: number): string {
    return join(this.classAside, `${checkedNumber(attempt)}-${about}-${checkedNumber(userId)}.json`);
  }

  /** `messages/aside`: damaged files, as they were found. */
  get aside(): string {
    return join(this.messages, "aside");
  }

  /** `users/aside`: the same for files of users. */
  get usersAside(): string {
    return join(this.users, "aside");
  }

  /** `restored`: a backup that will replace the data here. */
  get restored(): string {
    return join(this.root, "restored");
  }

  /** Only one restore runs at a time. */
  get restoreLock(): string {
    return join(this.root, "lock-restore");
  }

  /** Exists once the backup is unpacked and found to be good. */
  get restoreIsComplete(): string {
    return join(this.root, "restored", "complete");
  }

  /** The folder for the data that a backup has replaced. @param name the contents of `restored/complete`. */
  beforeRestore(name: string): string {
    if (!/^before-restore-[\w.-]+$/.test(name)) throw new Error("This is not the name of a folder for replaced data");
    return join(this.root, name);
  }

  /** It is there while a database is being moved into the folder. */
  get unfinishedMove(): string {
    return join(this.root, "unfinished-move");
  }

  /** `requests`: what the terminal asks the running server to do. */
  get requests(): string {
    return join(this.root, "requests");
  }

  request(name: "compact" | "restore" | "look"): string {
    return join(this.requests, name);
  }

  answerToRequest(name: "compact" | "restore" | "look"): string {
    return join(this.requests, `${name}.answer`);
  }

  failedRequest(name: "compact" | "restore" | "look"): string {
    return join(this.requests, `${name}.failed`);
  }

  /** Whether a name in the users folder is the name of one of our files. */
  isUserFile(name: string): boolean {
    return name === basename(this.secret) || userFileKind(name) !== undefined;
  }

  /** A file of the users folder, by its name. */
  userFile(name: string): string {
    if (!this.isUserFile(name)) throw new Error("This is not the name of a file in the users folder");
    return join(this.users, name);
  }

  /** `users/<userId>.dat`: the token. */
  tokenFile(userId: number): string {
    return join(this.users, `${checkedNumber(userId)}.dat`);
  }

  /** `users/<userId>.json`: the handle, and when the user registered. */
  profileFile(userId: number): string {
    return join(this.users, `${checkedNumber(userId)}.json`);
  }

  /** `users/<sha256>.dat`: the userId that owns the handle. */
  handleFile(hashUserHandle: string): string {
    if (!/^[0-9a-f]{64}$/.test(hashUserHandle)) throw new Error("A handle's hash must be 64 hexadecimal digits");
    return join(this.users, `${hashUserHandle}.dat`);
  }

  /** `messages/<number>.jsonl`. The number has zeros in front, so that `ls` lists the files in order. */
  journalFile(number: number): string {
    return join(this.messages, this.journalFileName(number));
  }

  /** The path of one of our files, or undefined if the folder or the name is not ours. Both may come from anywhere. */
  fileIn(folder: string, name: string): string | undefined {
    if (folder.startsWith("class")) return this.fileOfClass(folder, name);
    if (folder === "users") return this.isUserFile(name) ? this.userFile(name) : undefined;
    const number = folder === "messages" ? journalFileNumber(name) : undefined;
    if (number === undefined || number < 1 || name !== this.journalFileName(number)) return undefined;
    return this.journalFile(number);
  }

  /** A file of the class, or undefined if it is none of ours. @param folder `class`, or `class/muted` and the like. */
  fileOfClass(folder: string, name: string): string | undefined {
    if (folder === "class") {
      const file = CLASS_FILES.find((each) => each === name);
      return file && this.classFile(file);
    }
    const about = ABOUT_PUPILS.find((each) => folder === `class/${each}`);
    const userId = pupilFileNumber(name);
    return about && userId ? this.pupilFile(about, userId) : undefined;
  }

  journalFileName(number: number): string {
    return `${String(checkedNumber(number)).padStart(6, "0")}.jsonl`;
  }

  /** Where the next version of a journal file is written. */
  journalFileUnderConstruction(number: number): string {
    return join(this.messages, `${TEMPORARY_PREFIX}${checkedNumber(number)}.jsonl`);
  }

  /** Where a damaged file of a user is kept. @param file its path. */
  asideUserFile(file: string, attempt: number): string {
    return join(this.usersAside, `${checkedNumber(attempt)}-${basename(this.userFile(basename(file)))}`);
  }

  /** Where a damaged journal file is kept. */
  asideFile(number: number, attempt: number): string {
    return join(this.aside, `${String(checkedNumber(number)).padStart(6, "0")}-${checkedNumber(attempt)}.jsonl`);
  }
}

/** Whether a text may be the name of a folder in `archive`. It cannot lead anywhere else. */
export function isArchiveName(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,63}$/.test(text) && text !== "next.json";
}

/** The userId in the name of a file such as `7.json`, or undefined for any other name. */
export function pupilFileNumber(name: string): number | undefined {
  const [, digits] = /^([1-9]\d{0,15})\.json$/.exec(name) ?? [];
  return digits !== undefined && Number.isSafeInteger(Number(digits)) ? Number(digits) : undefined;
}

/** The number in the name of a journal file, or undefined for any other name. */
export function journalFileNumber(name: string): number | undefined {
  const match = /^(\d{6,15})\.jsonl$/.exec(name);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** The numbers of the journal files among the names in a folder, ascending. */
export function journalNumbersIn(names: string[]): number[] {
  return names
    .map(journalFileNumber)
    .filter((number) => number !== undefined)
    .sort((a, b) => a - b);
}

/** What kind of file a name in the users folder stands for. */
export function userFileKind(name: string): { token: number } | { profile: number } | { handle: string } | undefined {
  const match = /^(?:([1-9]\d{0,15})\.(dat|json)|([0-9a-f]{64})\.dat)$/.exec(name);
  if (match === null) return undefined;
  if (match[3] !== undefined) return { handle: match[3] };
  return match[2] === "dat" ? { token: Number(match[1]) } : { profile: Number(match[1]) };
}

/** Unfinished files have names that begin with this. After a crash, the next start removes them. */
export const TEMPORARY_PREFIX = ".new-";

function checkedNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error("A number in a file's name must be a positive integer");
  return value;
}
