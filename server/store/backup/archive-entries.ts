/**
 * Decides where the entries of a backup belong. Only files of the three folders are allowed: otherwise a forged backup
 * could write anywhere. But somebody may have unpacked a backup and packed it again, so what tar and a computer's desktop
 * add is passed over: entries for folders, `./` in front, one folder around everything, and notes about files.
 */
import type { ReadEntry } from "tar";
import { ABOUT_PUPILS, type Paths } from "../files/paths.ts";
import { RefusedBackup } from "./refused-backup.ts";

const FILES = ["File", "OldFile", "ContiguousFile"];
/** macOS, Windows and desktops write these beside the files of people. */
const NOTES = /^(?:\._.*|\.DS_Store|__MACOSX|Thumbs\.db|desktop\.ini)$/i;
const MAX_SHOWN_CHARACTERS = 100;

/** Where a file of a backup belongs. */
export interface Place {
  /** `users/<name>`, `messages/<name>`, `class/<name>` or `class/muted/<name>`. */
  name: string;
  /** The path of the file when it is unpacked. */
  path: string;
}

export class Places {
  readonly #staged: Paths;
  readonly #taken = new Set<string>();
  /** The folder around those of the backup, or "" when there is none. */
  #around: string | undefined;

  /** @param staged the folder to unpack into. */
  constructor(staged: Paths) {
    this.#staged = staged;
  }

  /**
   * @returns where the next entry belongs, or undefined to pass it over.
   * @throws {RefusedBackup} when it must not be in a backup, or is there already.
   */
  of(entry: ReadEntry): Place | undefined {
    const parts = entry.path.split("/").filter((part) => part !== "" && part !== ".");
    if (isPassedOver(entry, parts)) return undefined;
    if (!FILES.includes(entry.type)) throw contains(`${shown(entry.path)}, which is not a plain file`);
    const levels = isAboutPupil(parts) ? 3 : 2;
    const around = parts.slice(0, -levels);
    const folder = parts.slice(-levels, -1).join("/");
    const file = parts.at(-1) ?? "";
    this.#around ??= around.join("/");
    const path = this.#staged.fileIn(folder, file);
    // Two folders could be two backups, and a mixture of both would be neither.
    if (path === undefined || !isOneFolder(around) || around.join("/") !== this.#around)
      throw contains(shown(entry.path));
    const name = `${folder}/${file}`;
    if (this.#taken.has(name)) throw contains(`${shown(name)} twice`);
    this.#taken.add(name);
    return { name, path };
  }
}

/** Whether it is a file such as `class/muted/7.json`. */
function isAboutPupil(parts: string[]): boolean {
  return parts.at(-3) === "class" && ABOUT_PUPILS.some((about) => about === parts.at(-2));
}

/** The name of the whole tar, which `tar --label` writes, is no file either. */
function isPassedOver({ type }: ReadEntry, parts: string[]): boolean {
  const isNoFile = type === "TapeVolumeHeader" || (type === "Directory" && !parts.includes(".."));
  return isNoFile || parts.some((part) => NOTES.test(part));
}

/** Whether there is at most one folder around those of the backup. */
function isOneFolder(around: string[]): boolean {
  return around.length <= 1 && !around.includes("..");
}

function contains(what: string): RefusedBackup {
  return new RefusedBackup("is not a plainchat backup", `it contains ${what}`);
}

/** A name from anywhere, safe to print. */
function shown(path: string): string {
  return `"${path.slice(0, MAX_SHOWN_CHARACTERS).replace(/[^ -~]/g, "?")}"`;
}
