/**
 * Notices that the learner has saved the server's file, or another file with the same ending beside it, when the whole file
 * is there. Editors save in different ways: some write into the file, some replace it, some write it in pieces. The system
 * tells of most changes at once, but not on every file system, so the files are also looked at each second.
 */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { dirname, extname, join } from "node:path";

const LOOK_MILLISECONDS = 1000;
/** A file is whole if its size and time stay the same for this long. */
const WHOLE_MILLISECONDS = 150;
/** An editor may empty a file before it writes it. */
const EMPTY_TIMES = 10;

export class FileWatch {
  readonly #path: string;
  readonly #onSaved: () => void;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #waiting: NodeJS.Timeout | undefined;
  /** What the files were like when they were last known to be whole. */
  #known: string;
  /** What they were like a moment ago. */
  #seen = "";
  #emptyTimes = 0;

  /** @param path of the server. @param asksSystem false only looks, as on a file system that tells nothing. */
  constructor(path: string, onSaved: () => void, asksSystem = true) {
    this.#path = path;
    this.#onSaved = onSaved;
    this.#known = this.#look();
    this.#timer = setInterval(() => this.#check(), LOOK_MILLISECONDS);
    if (!asksSystem) return;
    try {
      // The folder, because an editor may put a new file in the place of the old one.
      this.#watcher = watch(dirname(path), (_event, name) => {
        if (name === null || this.#isCode(name)) this.#check();
      });
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // There are too many watchers on this computer, or the file system has none. Looking each second is enough.
    }
  }

  /** What the files are like now counts as seen: somebody has asked for a run. */
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
      const isEmpty = this.#hasEmptied(now) && this.#emptyTimes++ < EMPTY_TIMES;
      if (now !== this.#seen || isEmpty) {
        this.#seen = now;
        this.#waitUntilWhole();
        return;
      }
      this.#known = now;
      this.#onSaved();
    }, WHOLE_MILLISECONDS);
  }

  /** Size, time and name of each file, a line for each. Empty if the server's file is not there. */
  #look(): string {
    try {
      statSync(this.#path);
      const folder = dirname(this.#path);
      return readdirSync(folder)
        .filter((name) => this.#isCode(name))
        .sort()
        .flatMap((name) => lineFor(folder, name))
        .join("\n");
    } catch {
      return "";
    }
  }

  /** Some editors keep hidden files beside the one that is edited. */
  #isCode(name: string): boolean {
    return extname(name) === extname(this.#path) && !name.startsWith(".");
  }

  /** Whether a file is empty now, and was not before. */
  #hasEmptied(now: string): boolean {
    const before = new Set(this.#known.split("\n"));
    return now.split("\n").some((line) => line.startsWith("0 ") && !before.has(line));
  }
}

/** Nothing for a file that has just gone away, and for a folder. */
function lineFor(folder: string, name: string): string[] {
  const stats = statSync(join(folder, name), { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true ? [`${stats.size} ${stats.mtimeNs} ${name}`] : [];
}
