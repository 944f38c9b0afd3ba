/**
 * Notices that the learner has saved the server's file, when the whole file is there. Editors save in different ways: some
 * write into the file, some replace it, some write it in pieces. The system tells of most changes at once, but not on
 * every file system, so the file is also looked at each second.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

const LOOK_MILLISECONDS = 1000;
/** The file is whole if its size and time stay the same for this long. */
const WHOLE_MILLISECONDS = 150;
/** An editor may empty the file before it writes it. */
const EMPTY_TIMES = 10;

export class FileWatch {
  readonly #path: string;
  readonly #onSaved: () => void;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #waiting: NodeJS.Timeout | undefined;
  /** What the file was like when it was last known to be whole. */
  #known: string;
  /** What it was like a moment ago. */
  #seen = "";
  #emptyTimes = 0;

  /** @param asksSystem false only looks, as on a file system that tells nothing. */
  constructor(path: string, onSaved: () => void, asksSystem = true) {
    this.#path = path;
    this.#onSaved = onSaved;
    this.#known = this.#look();
    this.#timer = setInterval(() => this.#check(), LOOK_MILLISECONDS);
    if (!asksSystem) return;
    try {
      // The folder, because an editor may put a new file in the place of the old one.
      this.#watcher = watch(dirname(path), (_event, name) => {
        if (name === null || name === basename(path)) this.#check();
      });
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // There are too many watchers on this computer, or the file system has none. Looking each second is enough.
    }
  }

  /** What the file is like now counts as seen: somebody has asked for a run. */
  forget(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#known = this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#waiting);
    this.#watcher?.close();
  }

  #check(): void {
    if (this.#waiting !== undefined) return;
    const now = this.#look();
    if (now === this.#known || now === "") return;
    this.#seen = now;
    this.#emptyTimes = 0;
    this.#waitUntilWhole();
  }

  #waitUntilWhole(): void {
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      const now = this.#look();
      if (now === "") return;
      const isEmpty = now.startsWith("0 ") && this.#emptyTimes++ < EMPTY_TIMES;
      if (now !== this.#seen || isEmpty) {
        this.#seen = now;
        this.#waitUntilWhole();
        return;
      }
      this.#known = now;
      this.#onSaved();
    }, WHOLE_MILLISECONDS);
  }

  /** Size and time of the file. Empty if there is none. */
  #look(): string {
    try {
      const { size, mtimeNs } = statSync(this.#path, { bigint: true });
      return `${size} ${mtimeNs}`;
    } catch {
      return "";
    }
  }
}
