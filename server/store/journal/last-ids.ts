/**
 * `last-ids.json` in the data folder: the greatest numbers that were given out. The journal says the same, as long as
 * nobody takes its last lines out while the server is stopped. The start takes the greater number of the two, so no id
 * is ever given out again. It is written before each answer but not synced: it only has to outlive the process. After a
 * power cut it may be older than the journal, and then the journal counts.
 */
import { closeSync, constants, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { isIntact, withCrc } from "./record.ts";

export interface LastNumbers {
  messageId: number;
  userId: number;
  eventId: number;
  /** The newest file of the journal, and how many bytes it had when another program last read it. */
  file: number;
  readUpTo: number;
}

/** Every text has this length, so a short one leaves nothing of a long one behind. */
const TEXT_BYTES = 256;
const FILE_MODE = 0o600;

export class LastIds {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  #fd: number | undefined;
  #inode = 0;
  #hasFailed = false;

  /** @param onError called when the file cannot be written: once, until it works again. */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  /** What the file says, or undefined when it is not there or not exactly what was written. */
  read(): LastNumbers | undefined {
    try {
      // A pipe with this name would keep the server waiting.
      if (!statSync(this.#path).isFile()) return undefined;
      const text = readFileSync(this.#path, "utf8");
      const line = text.slice(0, text.indexOf("\n") + 1);
      return isIntact(Buffer.from(line)) ? (JSON.parse(line) as LastNumbers) : undefined;
    } catch {
      return undefined;
    }
  }

  /** One short system call. The numbers are in the journal, too, so when this fails, nothing is lost. */
  write(numbers: LastNumbers): void {
    try {
      if (this.#fd === undefined) this.#open();
      writeSync(this.#fd ?? 0, withCrc(numbers).padEnd(TEXT_BYTES), 0);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#onError(error);
      this.#hasFailed = true;
    }
  }

  /** Whether the file is still there under its name. Otherwise the next `write` makes it again. */
  isThere(): boolean {
    if (this.#fd !== undefined && statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode) return true;
    this.close();
    return false;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): void {
    this.#fd = openSync(this.#path, constants.O_WRONLY | constants.O_CREAT | (constants.O_NONBLOCK ?? 0), FILE_MODE);
    this.#inode = statSync(this.#path).ino;
  }
}
