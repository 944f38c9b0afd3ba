/**
 * Unpacks a backup into the folder `restored`, and checks every file and every line of it. The file may come from
 * anywhere and hold anything, so nothing of it is used before all of it is known to be good.
 */
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar";
import { isCode, saysDiskFull } from "../error-code.ts";
import { removeFiles, syncHandle } from "../files/durable-file.ts";
import { journalNumbersIn, Paths, userFileKind } from "../files/paths.ts";
import { visitRecords } from "../journal/lines.ts";
import { readPlaces } from "./archive-entries.ts";
import { isCompressed, mustBeWholeTar } from "./archive-kind.ts";
import type { Progress } from "./backup.ts";
import { RefusedBackup } from "./refused-backup.ts";

/**
 * @param paths of the data folder. The unpacked files are in its folder `restored`, even when this fails.
 * @throws {Error} with a message for the person at the terminal.
 */
export async function unpackBackup(
  file: string,
  paths: Paths,
  progress: Progress,
): Promise<{ users: number; lines: number }> {
  const staged = new Paths(paths.restored);
  for (const folder of [staged.users, staged.messages]) await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await decompress(file, paths.restoredArchive, progress);
    await extractOurs(paths.restoredArchive, staged);
  } catch (error) {
    if (saysDiskFull(error) || error instanceof UnreadableError) throw error;
    throw new Error(`${file} ${sentenceFor(error)}`, { cause: error });
  }
  await removeFiles([paths.restoredArchive]);
  return { users: await checkUsers(staged), lines: await checkJournal(staged) };
}

class UnreadableError extends Error {}

/** The whole file comes first, because its checksum is at the end, and a single wrong bit shows only there. */
async function decompress(file: string, archive: string, progress: Progress): Promise<void> {
  const handle = await open(file).catch((error) => {
    throw new UnreadableError(isCode(error, "ENOENT") ? `There is no file ${file}` : `${file} cannot be read`);
  });
  try {
    const unpacker = (await isCompressed(handle)) ? createGunzip() : new PassThrough();
    const { size } = await handle.stat();
    const input = handle.createReadStream({ autoClose: false });
    let read = 0;
    input.on("data", (piece) => {
      read += piece.length;
      progress(read, size);
    });
    await pipeline(input, unpacker, createWriteStream(archive, { mode: 0o600 }));
  } finally {
    await handle.close();
  }
}

function sentenceFor(error: unknown): string {
  if (error instanceof RefusedBackup) return error.message;
  // zlib's code when its input ends too early, and the word of tar.
  const isCutOff = isCode(error, "Z_BUF_ERROR") || (error instanceof Error && error.message.startsWith("Truncated"));
  return isCutOff ? RefusedBackup.cutOff().message : "is damaged: some of its bytes have changed since it was written";
}

async function extractOurs(file: string, staged: Paths): Promise<void> {
  const handle = await open(file);
  await mustBeWholeTar(handle).finally(() => handle.close());
  const places = await readPlaces(file, staged);
  await extract({
    file,
    strict: true,
    cwd: staged.root,
    // Otherwise a file that was packed on another computer would belong to the user who has that number here.
    preserveOwner: false,
    filter(path, entry) {
      const place = places.get(path);
      if (place !== undefined) Object.assign(entry, { path: place });
      return place !== undefined;
    },
  });
  for (const name of await readdir(staged.users)) await secure(staged.userFile(name));
  for (const number of await journalNumbers(staged)) await secure(staged.journalFile(number));
}

/** Makes a file durable, and readable for its owner only, whatever the archive says. */
async function secure(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.chmod(0o600);
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}

/** @returns how many users there are. */
async function checkUsers(staged: Paths): Promise<number> {
  let users = 0;
  for (const name of await readdir(staged.users)) {
    const text = await readFile(staged.userFile(name), "utf8");
    const kind = userFileKind(name);
    if (kind !== undefined && "token" in kind) users++;
    const isGood =
      kind === undefined || "token" in kind
        ? text.trim() !== ""
        : "handle" in kind
          ? /^\d+\s*$/.test(text)
          : isJson(text);
    if (!isGood) throw new Error(`users/${name} in the backup is damaged. Nothing was changed`);
  }
  return users;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Checks every line. @returns how many there are. */
async function checkJournal(staged: Paths): Promise<number> {
  let lines = 0;
  const numbers = await journalNumbers(staged);
  if (numbers.length === 0) throw new Error("The backup has no journal, not even an empty one");
  for (const number of numbers) {
    await visitRecords(staged.journalFile(number), {
      onRecord() {
        lines++;
      },
      onBad(_line, offset) {
        const name = staged.journalFileName(number);
        throw new Error(`messages/${name} in the backup is damaged at byte ${offset}. Nothing was changed`);
      },
    });
  }
  return lines;
}

async function journalNumbers(staged: Paths): Promise<number[]> {
  return journalNumbersIn(await readdir(staged.messages));
}
