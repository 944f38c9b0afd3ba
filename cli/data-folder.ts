/**
 * The data folder, for commands that work on it directly. If a server is using the folder, they ask that server to do
 * the work. Otherwise they open the folder themselves, under the same lock. This loads the store, so the commands load it
 * only when they need it.
 */
import { mkdir, readdir, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { askServer, type ControlFileName } from "../server/store/backup/control-files.ts";
import { isCode } from "../server/store/error-code.ts";
import { Lock, LockedError } from "../server/store/files/lock.ts";
import { Paths } from "../server/store/files/paths.ts";
import { type FileStore, openStore } from "../server/store/open-store.ts";
import { CliError, EXIT, sentenceIn } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";
import { tell } from "./output.ts";

const DEFAULT_MAX_FILE_BYTES = 64 * 1024 * 1024;
/** The server compares every line of the journal. */
const LOOK_MILLISECONDS = 60_000;

/**
 * Gets work done in a data folder, by the server that is using it or, if there is none, here.
 * @param here does the work. Its promise says whether it succeeded.
 */
export async function withFolder(
  root: string,
  request: ControlFileName,
  here: (store: FileStore) => Promise<boolean>,
): Promise<void> {
  const paths = new Paths(root);
  try {
    await becomeOwner(root);
    // The server may start or stop at any moment. Then this tries the other way.
    for (;;) {
      if (isLocked(paths)) {
        if ((await askServer(paths, request, () => isLocked(paths))) !== undefined) return;
        continue;
      }
      const store = await openHere(root).catch((error) => {
        if (error instanceof LockedError) return undefined;
        throw error;
      });
      if (store === undefined) continue;
      try {
        if (!(await here(store))) throw new Error("That did not work. Is the disk full?");
      } finally {
        await store.close();
      }
      return;
    }
  } catch (error) {
    throw folderProblem(error, root);
  }
}

/**
 * Asks the server that is using a folder, if there is one, to look at its files: it knows what it wrote, and puts right
 * what somebody has changed by hand.
 * @returns what it says about changes since its start. @throws {CliError} if it does not answer.
 */
export async function askToLook(root: string): Promise<string[]> {
  const paths = new Paths(root);
  if (!isLocked(paths)) return [];
  try {
    await becomeOwner(root);
    const tooLong = setTimeout(LOOK_MILLISECONDS, "too long" as const, { ref: false });
    const answer = await Promise.race([askServer(paths, "look", () => isLocked(paths)), tooLong]);
    if (answer === "too long") throw new CliError("The server does not look at its files. Read its log", EXIT.folder);
    return (answer ?? "").split("\n").filter((line) => line !== "");
  } catch (error) {
    throw folderProblem(error, root);
  }
}

function openHere(root: string): Promise<FileStore> {
  return openStore({
    root,
    maxFileBytes: DEFAULT_MAX_FILE_BYTES,
    now: Date.now,
    report: (level, sentence) => {
      if (level === "error") tell(sentence);
    },
    onEvent: () => {},
    onTokenEnd: () => {},
    onFatal(error) {
      tell(`The disk failed: ${sentenceIn(error)}`);
      process.exit(EXIT.folder);
    },
  });
}

/**
 * If root runs this, continues as the owner of the folder. The server could not read files that belong to root.
 */
export async function becomeOwner(root: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = await stat(root);
  if (uid === 0) return;
  process.setgroups?.([gid]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
}

/** Whether a server is using the folder right now. */
export function isLocked(paths: Paths): boolean {
  try {
    new Lock(paths.lock).release();
    return false;
  } catch (error) {
    // For any other problem, opening the folder gives a better message.
    return error instanceof LockedError;
  }
}

/** Whether the folder has data that a backup would replace. */
export async function hasData(root: string): Promise<boolean> {
  const { users } = new Paths(root);
  try {
    return (await readdir(users)).some((name) => name !== "secret.dat");
  } catch {
    return false;
  }
}

/** @returns what removes the folder again, as long as it is empty. It does nothing if the folder was there before. */
export async function makeFolder(root: string): Promise<() => Promise<void>> {
  const first = await mkdir(root, { recursive: true, mode: 0o700 });
  return async () => {
    for (let folder = root; first !== undefined && folder.startsWith(first); folder = dirname(folder)) {
      // Something is in it, so it stays.
      await rmdir(folder).catch(() => {});
    }
  };
}

/** The size of the journal. */
export async function bytesOf(root: string): Promise<number> {
  const { messages } = new Paths(root);
  const names = (await readdir(messages)).filter((name) => name.endsWith(".jsonl"));
  const sizes = await Promise.all(names.map((name) => stat(join(messages, name)).catch(() => ({ size: 0 }))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** An error of a data folder, in words for the person at the terminal. */
export function folderProblem(error: unknown, root: string): CliError {
  if (error instanceof CliError) return error;
  if (isCode(error, "ENOTDIR", "EEXIST")) return new CliError(`${root} is not a folder`, EXIT.folder);
  if (isCode(error, "ENOENT")) {
    return new CliError(`There is no plainchat data folder at ${root}. Choose another one with --root`, EXIT.folder);
  }
  if (isCode(error, "EACCES", "EPERM", "EROFS")) {
    return new CliError(`You may not change ${root}. Run this as the user who runs the server`, EXIT.folder);
  }
  if (isCode(error, "EISDIR")) {
    const advice = `"${LAUNCHER} doctor" says which`;
    return new CliError(`In ${root} there is a folder where a file should be: ${advice}`, EXIT.folder);
  }
  if (isCode(error, "ENOSPC")) return new CliError("The disk is full. Nothing was changed", EXIT.folder);
  return new CliError(sentenceIn(error), EXIT.folder);
}
