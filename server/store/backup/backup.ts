/**
 * Copies a data folder into one file, a tar.gz, even while a server is using it. It asks the server for nothing: it
 * reads the files until it has seen all of them as they were at one moment.
 *
 * Journal: all files are opened, and then their names are looked up again. If each name still means the opened file,
 * all of them were there together in between. Only the newest file grows, and any beginning of it that ends with a line
 * is a state that a crash might have left. Users and the class: the folders are read again and again until nothing has
 * changed between two reads.
 */
import { type FileHandle, link, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { isCode } from "../error-code.ts";
import { syncFolderOf } from "../files/durable-file.ts";
import { ABOUT_PUPILS, journalNumbersIn, Paths, userFileKind } from "../files/paths.ts";
import { mustBeWhole } from "../files/unfinished-move.ts";
import { LineWriter } from "../journal/line-writer.ts";
import { MAX_LINE_BYTES, visitRecords } from "../journal/lines.ts";
import { NEWLINE } from "../journal/record.ts";
import { Archive } from "./archive.ts";

/** Called with the progress, in bytes. */
export type Progress = (done: number, of: number) => void;

/** How often a folder is read again when it changes during the reading. */
const MAX_LOOKS = 100;

interface OpenFile {
  number: number;
  handle: FileHandle;
  /** How many of its bytes go into the copy. */
  bytes: number;
}

/**
 * Writes a backup of a data folder, durably.
 * @throws {Error} when the file already exists or something is damaged. The message is for the person at the terminal.
 */
export async function writeBackup(
  root: string,
  file: string,
  progress: Progress,
): Promise<{ users: number; lines: number }> {
  const paths = new Paths(root);
  await mustBeWhole(paths);
  const journal = await openJournal(paths);
  try {
    const smallFiles = await readSmallFiles(paths);
    const unfinished = `${file}.unfinished`;
    const lines = await writeArchive(unfinished, smallFiles, journal, paths, progress);
    try {
      await moveWithoutReplacing(unfinished, file);
    } catch (error) {
      await unlink(unfinished);
      if (isCode(error, "EEXIST")) throw new Error(`${file} already exists. Choose another name`);
      throw error;
    }
    await syncFolderOf(file);
    return { users: [...smallFiles.keys()].filter((name) => isToken(name)).length, lines };
  } finally {
    for (const { handle } of journal) await handle.close();
  }
}

/**
 * Gives a file its name, and fails when the name is taken: a new backup must not overwrite an older one. FAT, which USB
 * sticks use, has no links: there an empty file takes the name first, which fails in the same way.
 */
export async function moveWithoutReplacing(from: string, to: string, linkFile = link): Promise<void> {
  try {
    await linkFile(from, to);
  } catch (error) {
    if (!isCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw error;
    await (await open(to, "wx", 0o600)).close();
    try {
      await rename(from, to);
    } catch (problem) {
      // Otherwise the next try would find the name taken by the empty file.
      await unlink(to);
      throw problem;
    }
    return;
  }
  await unlink(from);
}

function isToken(name: string): boolean {
  const kind = name.startsWith("users/") ? userFileKind(name.slice("users/".length)) : undefined;
  return kind !== undefined && "token" in kind;
}

/** Opens all files of the journal as they were at one moment. */
async function openJournal(paths: Paths): Promise<OpenFile[]> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const numbers = journalNumbersIn(await readdir(paths.messages));
    const files: OpenFile[] = [];
    try {
      for (const number of numbers) {
        files.push({ number, handle: await open(paths.journalFile(number), "r"), bytes: 0 });
      }
      if (await areStillThere(files, paths)) {
        for (const file of files) file.bytes = await bytesOfWholeLines(file.handle);
        return files;
      }
    } catch (error) {
      // Compaction has just removed one of them.
      if (!isCode(error, "ENOENT")) throw error;
    }
    for (const { handle } of files) await handle.close();
    await setTimeout(look);
  }
  throw new Error("The journal is changing too fast to be copied. Try again in a moment");
}

async function areStillThere(files: OpenFile[], paths: Paths): Promise<boolean> {
  const same = await Promise.all(
    files.map(async ({ number, handle }) => {
      const [now, opened] = await Promise.all([stat(paths.journalFile(number)), handle.stat()]);
      return now.ino === opened.ino && now.dev === opened.dev;
    }),
  );
  if (same.includes(false)) return false;
  const numbers = journalNumbersIn(await readdir(paths.messages));
  return numbers.length === files.length && numbers.every((number, i) => number === files[i]?.number);
}

/** Where the last whole line of a file ends: the rest is still being written. */
async function bytesOfWholeLines(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const start = Math.max(0, size - MAX_LINE_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
  return start + buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
}

/** The files of the users and of the class, as they were at one moment, by their names in the archive. */
async function readSmallFiles(paths: Paths): Promise<Map<string, Buffer>> {
  let known = new Map<string, { stamp: string; bytes: Buffer }>();
  for (let look = 0; look < MAX_LOOKS; look++) {
    const seen: typeof known = new Map();
    const files = await listSmallFiles(paths);
    let hasChanged = files.size !== known.size;
    for (const [name, path] of files) {
      const before = known.get(name);
      try {
        const stamp = await stampOf(path);
        if (before?.stamp !== stamp) hasChanged = true;
        seen.set(name, before?.stamp === stamp ? before : { stamp, bytes: await readFile(path) });
      } catch (error) {
        if (!isCode(error, "ENOENT")) throw error;
        hasChanged = true;
      }
    }
    known = seen;
    if (!hasChanged) return new Map([...known].map(([name, { bytes }]) => [name, bytes]));
    if (look > 0) await setTimeout(look);
  }
  throw new Error("The users are changing too fast to be copied. Try again in a moment");
}

async function listSmallFiles(paths: Paths): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const add = async (folder: string, path: string) => {
    for (const name of await readdir(path)) {
      const file = paths.fileIn(folder, name);
      if (file !== undefined) files.set(`${folder}/${name}`, file);
    }
  };
  await add("users", paths.users);
  try {
    await add("class", paths.class);
    for (const about of ABOUT_PUPILS) {
      // A code that was used must not be valid again after a restore.
      if (about !== "codes") await add(`class/${about}`, paths.pupilFolder(about));
    }
  } catch (error) {
    // There was no class, or somebody has removed a folder.
    if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
  }
  return files;
}

/** A text that changes whenever a file is replaced or written to. */
async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** @returns how many lines of the journal are in it. */
async function writeArchive(
  path: string,
  smallFiles: Map<string, Buffer>,
  journal: OpenFile[],
  paths: Paths,
  progress: Progress,
): Promise<number> {
  let lines = 0;
  await Archive.write(path, async (archive) => {
    for (const [name, bytes] of smallFiles) {
      const entry = archive.begin(name, bytes.length);
      await entry.write(bytes);
      entry.end();
    }
    const of = journal.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const file of journal) {
      const name = `messages/${paths.journalFileName(file.number)}`;
      const entry = archive.begin(name, file.bytes);
      const writer = new LineWriter(async (piece) => {
        await entry.write(piece);
        done += piece.length;
        progress(done, of);
      });
      await copyJournalFile(file, name, writer);
      lines += writer.lines;
      entry.end();
    }
  });
  return lines;
}

/** @param name the file's name in the archive. @throws {Error} when one of its lines is damaged. */
async function copyJournalFile({ handle, bytes }: OpenFile, name: string, writer: LineWriter): Promise<void> {
  await visitRecords(
    handle,
    {
      onRecord: (_record, line) => writer.add(Buffer.from(line)),
      onBad(_line, offset) {
        throw new Error(
          `${name} is damaged at byte ${offset}. Start the server: it sets the file aside and keeps the good lines. Then make the backup again`,
        );
      },
    },
    bytes,
  );
  await writer.flush();
}
