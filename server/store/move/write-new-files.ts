/**
 * Writes small files into a folder that nobody uses yet, each durably. The folder is no use before all of them are
 * there, so they need no temporary names. write-folder.ts and class-in-folder.ts call it, and sync the folder's names.
 */
import { open } from "node:fs/promises";
import { syncHandle } from "../files/durable-file.ts";

const FILE_MODE = 0o600;
/** Each file waits for the disk, so many are written at the same time. */
const FILES_AT_ONCE = 16;

export async function writeNewFiles(files: readonly [path: string, text: string][]): Promise<void> {
  for (let i = 0; i < files.length; i += FILES_AT_ONCE) {
    await Promise.all(files.slice(i, i + FILES_AT_ONCE).map(([path, text]) => writeNew(path, text)));
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", FILE_MODE);
  try {
    await handle.writeFile(text);
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}
