/**
 * Makes the folders and the lock of the store again when somebody removes them while the server runs. hand-edits.ts does
 * the same for the files of the journal. Who was in the folder of the users is gone with it, because a user whose files
 * are removed by hand is a user removed. But the class can register again with the secret that it knows.
 */
import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Lock, LockedError } from "./files/lock.ts";
import type { Paths } from "./files/paths.ts";
import type { Report } from "./report.ts";
import type { ClassSecret } from "./users/class-secret.ts";
import type { UserWatch } from "./users/user-watch.ts";

const TURN_MILLISECONDS = 500;

interface FolderWatchOptions {
  paths: Paths;
  lock: Lock;
  secret: ClassSecret;
  users: UserWatch;
  report: Report;
  /** Called when the folder belongs to another server now. */
  onFatal: (error: unknown) => void;
}

export class FolderWatch {
  /** The lock of the folder, which may be another one than at the start. */
  lock: Lock;
  readonly #options: FolderWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> | undefined;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.lock = options.lock;
    this.#timer = setInterval(() => {
      this.#working ??= this.#look().finally(() => {
        this.#working = undefined;
      });
    }, TURN_MILLISECONDS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  /** Makes the folder of the users again if it is not there. */
  async makeUsers(): Promise<void> {
    const { paths, secret, users, report } = this.#options;
    if (statSync(paths.users, { throwIfNoEntry: false }) !== undefined) return;
    await mkdir(paths.users, { recursive: true, mode: 0o700 });
    await secret.create();
    users.begin();
    report(
      "error",
      "The folder users was removed while the server ran. It was made again, and everybody must register again",
      {},
    );
  }

  async #look(): Promise<void> {
    const { paths, report, onFatal } = this.#options;
    try {
      await this.makeUsers();
      if (!this.lock.hasName()) {
        const lock = new Lock(paths.lock);
        this.lock.release();
        this.lock = lock;
      }
    } catch (error) {
      // Two servers in one folder would give out the same ids.
      if (error instanceof LockedError) onFatal(error);
      else report("error", "The data folder was removed, and cannot be made again", { error });
    }
  }
}
