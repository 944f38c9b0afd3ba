/**
 * Unpacks a backup into the folder `restored`. The file may come from anywhere and hold anything, and a small one can
 * hold gigabytes. So it is read twice: the first time all of it is checked and nothing is written.
 */
import { type FileHandle, mkdir, open, statfs } from "node:fs/promises";
import { syncHandle } from "../files/durable-file.ts";
import { ABOUT_PUPILS, Paths } from "../files/paths.ts";
import type { Progress } from "./backup.ts";
import { BackupCheck } from "./backup-check.ts";
import { type ArchivePart, readArchive } from "./read-archive.ts";

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
  const { bavail, bsize } = await statfs(paths.root);
  const check = new BackupCheck(bavail * bsize);
  for await (const part of readArchive(file, staged, (done, of) => progress(done, 2 * of))) await check.take(part);
  check.end();
  const ofClass = check.hasClass ? ABOUT_PUPILS.map((about) => staged.pupilFolder(about)) : [];
  for (const folder of [staged.users, staged.messages, ...ofClass])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  // This checks it again: somebody may have changed the file since.
  const checkAgain = new BackupCheck(bavail * bsize);
  const parts = readArchive(file, staged, (done, of) => progress(of + done, 2 * of));
  await write(parts, checkAgain);
  return { users: checkAgain.users, lines: checkAgain.lines };
}

/** Writes the files of a backup, each piece after its check. */
async function write(parts: AsyncIterable<ArchivePart>, check: BackupCheck): Promise<void> {
  let output: FileHandle | undefined;
  try {
    for await (const part of parts) {
      await check.take(part);
      if (Buffer.isBuffer(part)) await output?.writeFile(part);
      else {
        await finish(output);
        // Readable for its owner only, whatever the archive says.
        output = await open(part.path, "wx", 0o600);
      }
    }
    check.end();
    await finish(output);
  } finally {
    await output?.close();
  }
}

/** Makes a file durable. */
async function finish(output: FileHandle | undefined): Promise<void> {
  if (output === undefined) return;
  await syncHandle(output);
  await output.close();
}
