/**
 * One server to a root: two would give out the same ids. The lock must never need a hand, so it is one that the
 * kernel drops the moment its holder dies, also after kill -9, also between containers that share a volume (a file
 * with a process id in it proves nothing there: every server is process 1).
 *
 * Node has no call for such locks, but SQLite, which comes with Node, takes them on every system: `BEGIN EXCLUSIVE`
 * locks its file. Nothing is ever written to it, and no data of ours is in SQLite.
 */
import { DatabaseSync } from "node:sqlite";

/** SQLite's code for "somebody else has the lock". */
const SQLITE_BUSY = 5;

export class Lock {
  readonly #database: DatabaseSync;

  /** Takes the lock. @throws {Error} with a sentence for the person at the terminal when another server has it. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      this.#database.close();
      if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
        throw new Error("Another plainchat server is using this data folder. Stop it, or choose another with --root", {
          cause: error,
        });
      }
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}
