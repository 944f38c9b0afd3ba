/**
 * One server for each data folder: two would give out the same ids. Nobody should ever have to remove the lock by hand,
 * so the kernel drops it the moment its holder dies, even after kill -9, and even between containers that share a
 * volume. (A file with a process id in it proves nothing there: in a container every server is process 1.)
 *
 * Node has no call for such locks, but SQLite, which comes with Node, takes them on every system: `BEGIN EXCLUSIVE`
 * locks its file. Nothing is ever written to that file, and none of our data are in SQLite.
 *
 * Whoever can open the file can lock it. So it belongs to its owner alone, also in a folder that everybody can read.
 */
import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { holderOf } from "./lock-holder.ts";

/** SQLite's code for "another process has the lock". */
const SQLITE_BUSY = 5;
const RETRY_MILLISECONDS = 50;
const OWNER_ONLY = 0o600;

/** Its message is for the person at the terminal. */
export class LockedError extends Error {}

export class Lock {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #inode: number | undefined;

  /** Takes the lock, and waits for it if another process has it. @throws {LockedError} when that takes too long. */
  static async take(path: string, patienceMilliseconds: number): Promise<Lock> {
    const deadline = performance.now() + patienceMilliseconds;
    for (;;) {
      try {
        return new Lock(path);
      } catch (error) {
        if (!(error instanceof LockedError) || performance.now() >= deadline) throw error;
      }
      await setTimeout(RETRY_MILLISECONDS);
    }
  }

  /** Takes the lock. @throws {LockedError} when another process has it. */
  constructor(path: string) {
    this.#path = path;
    closeToOthers(path);
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      this.#database.close();
      if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
        throw new LockedError(`${whoHolds(path)}. Stop it, or choose another folder with --root`, { cause: error });
      }
      throw error;
    }
    this.#inode = this.#currentInode();
  }

  /** Whether the file that is locked still has its name. Otherwise another process can take the lock, too. */
  hasName(): boolean {
    return this.#currentInode() === this.#inode;
  }

  #currentInode(): number | undefined {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino;
  }

  release(): void {
    this.#database.close();
  }
}

/**
 * Makes the file with the right mode, or gives it to one that is there. It must not open a file that is there: the
 * system drops all locks of a process on a file when the process closes it once.
 */
function closeToOthers(path: string): void {
  try {
    closeSync(openSync(path, "wx", OWNER_ONLY));
  } catch {
    // It is there already. Otherwise SQLite will say what is wrong.
    try {
      if (statSync(path).isFile()) chmodSync(path, OWNER_ONLY);
    } catch {
      // It belongs to another user, and only that user may change its mode.
    }
  }
}

function whoHolds(path: string): string {
  const holder = holderOf(path);
  if (holder === undefined) return "Another plainchat server is using this data folder";
  if (holder.uid === process.geteuid?.()) {
    return `Another plainchat server is using this data folder (process ${holder.pid})`;
  }
  return `A program of another user is using this data folder (process ${holder.pid} of the user with the number ${holder.uid})`;
}
