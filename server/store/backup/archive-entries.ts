/**
 * Decides where the entries of a backup belong. Only files of the two folders are allowed: otherwise a forged backup
 * could write anywhere. But somebody may have unpacked a backup and packed it again, so what tar and a computer's desktop
 * add is passed over: entries for folders, `./` in front, one folder around everything, and notes about files.
 */
import { list, type ReadEntry } from "tar";
import { journalFileNumber, type Paths } from "../files/paths.ts";
import { RefusedBackup } from "./refused-backup.ts";

const FILES = ["File", "OldFile", "ContiguousFile"];
/** macOS, Windows and desktops write these beside the files of people. */
const NOTES = /^(?:\._.*|\.DS_Store|__MACOSX|Thumbs\.db|desktop\.ini)$/i;
const MAX_SHOWN_CHARACTERS = 100;

/**
 * @param file a tar.
 * @returns the entries to unpack: the path in the tar, and `users/<name>` or `messages/<name>`.
 * @throws {RefusedBackup} when there is anything else in it.
 */
export async function readPlaces(file: string, paths: Paths): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  const seen = new Set<string>();
  let around: string | undefined;
  let wrong: string | undefined;
  await list({
    file,
    strict: true,
    onReadEntry(entry) {
      const parts = entry.path.split("/").filter((part) => part !== "" && part !== ".");
      if (isPassedOver(entry, parts)) return;
      const [folder = "", name = ""] = parts.slice(-2);
      const place = `${folder}/${name}`;
      const folderAround = parts.slice(0, -2).join("/");
      around ??= folderAround;
      if (!FILES.includes(entry.type)) wrong ??= `${shown(entry.path)}, which is not a plain file`;
      // Two folders could be two backups, and a mixture of both would be neither.
      else if (!isOurs(parts, paths) || folderAround !== around) wrong ??= shown(entry.path);
      else if (seen.has(place)) wrong ??= `${shown(place)} twice`;
      places.set(entry.path, place);
      seen.add(place);
    },
  });
  if (wrong !== undefined) throw new RefusedBackup("is not a plainchat backup", `it contains ${wrong}`);
  return places;
}

function isPassedOver({ type }: ReadEntry, parts: string[]): boolean {
  return (type === "Directory" && !parts.includes("..")) || parts.some((part) => NOTES.test(part));
}

/** Whether a path is that of one of our files, with at most one folder around the two of the backup. */
function isOurs(parts: string[], paths: Paths): boolean {
  const [name = "", folder, ...around] = parts.toReversed();
  if (around.length > 1 || around.includes("..")) return false;
  if (folder === "users") return paths.isUserFile(name);
  const number = journalFileNumber(name);
  return folder === "messages" && number !== undefined && name === paths.journalFileName(number);
}

/** A name from anywhere, safe to print. */
function shown(path: string): string {
  return `"${path.slice(0, MAX_SHOWN_CHARACTERS).replace(/[^ -~]/g, "?")}"`;
}
