/**
 * One server to a root: two would give out the same ids. The lock must never need a hand, so it is one that the
 * kernel drops the moment its holder dies, also after kill -9, also between containers that share a volume (a file
 * with a process id in it proves nothing there: every server is process 1).
 *
 * Node has no call for such locks, but SQLite, which comes with Node, takes them on every system: `BEGIN EXCLUSIVE`
 * locks its file. Nothing is ever written to it, and no data of ours is in SQLite.
 */
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";

/** SQLite's code for "somebody else has the lock". */
const SQLITE_BUSY = 5;
const RETRY_MILLISECONDS = 50;

/** Has a sentence for the person at the terminal. */
export class LockedError extends Error {}

export class Lock {
  readonly #database: DatabaseSync;

  /** Takes the lock, and waits for it where somebody has it. @throws {LockedError} when that takes too long. */
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

  /** Takes the lock. @throws {LockedError} when somebody has it. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      this.#database.close();
      if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
        throw new LockedError(
          "Another plainchat server is using this data folder. Stop it, or choose another folder with --root",
          { cause: error },
        );
      }
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}
