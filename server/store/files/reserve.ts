/**
 * A file that holds nothing but space. Deleting must still work on a full disk, and the line that says "deleted" needs
 * room: then this file is given up. Until there is room to put it back, the server accepts nothing new.
 */
import { stat } from "node:fs/promises";
import { isCode, saysDiskFull } from "../error-code.ts";

import { removeFiles, replaceFile } from "./durable-file.ts";

export class Reserve {
  /** Whether the space is there. */
  kept = false;
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Puts the file back if it is missing and there is room for it. @returns whether it is there. */
  async keep(): Promise<boolean> {
    try {
      if (!(await this.#isThere())) await replaceFile(this.#path, "\0".repeat(this.#bytes));
      this.kept = true;
    } catch (error) {
      if (!saysDiskFull(error)) throw error;
      this.kept = false;
    }
    return this.kept;
  }

  async #isThere(): Promise<boolean> {
    try {
      return (await stat(this.#path)).size === this.#bytes;
    } catch (error) {
      if (isCode(error, "ENOENT")) return false;
      throw error;
    }
  }

  /** Gives the space back to the file system. */
  async free(): Promise<void> {
    this.kept = false;
    await removeFiles([this.#path]);
  }
}
