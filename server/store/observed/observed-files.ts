/**
 * Reads files for somebody who watches a request: as they are on the disk, before and after. The store itself answers
 * most questions from memory; the files shown here are where those answers come from. Without a witness nothing here
 * runs.
 */
import { readFileSync } from "node:fs";
import { EXCERPT_BYTES, type Excerpt, type FileTouch, type Witness } from "../contract.ts";
import { isCode } from "../error-code.ts";
import type { Paths } from "../files/paths.ts";

/** A file that a request may change or read. */
export interface WatchedFile {
  path: string;
  /** The file holds a token or the class secret: only its length may be seen. */
  isConfidential: boolean;
}

export class ObservedFiles {
  readonly paths: Paths;
  readonly witness: Witness;

  constructor(paths: Paths, witness: Witness) {
    this.paths = paths;
    this.witness = witness;
  }

  /** Shows a file that is only read. */
  showRead(file: WatchedFile): void {
    const excerpt = this.aside(() => look(file));
    this.show(file.path, excerpt === null ? "looked for" : "read", excerpt, excerpt);
  }

  /** Does `work`, and shows which of these files it changed. Unchanged files are not shown. */
  async showChanges<Result>(files: WatchedFile[], work: () => Promise<Result>): Promise<Result> {
    const before = this.aside(() => files.map((file) => contentsOf(file.path)));
    try {
      return await work();
    } finally {
      const after = this.aside(() => files.map((file) => contentsOf(file.path)));
      for (const [i, file] of files.entries()) {
        const [was, is] = [before[i] ?? null, after[i] ?? null];
        const did = was === null ? "created" : is === null ? "removed" : "changed";
        const isSame = was === is || (was !== null && is !== null && was.equals(is));
        if (!isSame) this.show(file.path, did, excerptOf(was, file), excerptOf(is, file));
      }
    }
  }

  show(path: string, did: FileTouch["did"], before: Excerpt | null, after: Excerpt | null): void {
    this.witness.touched({ path: this.paths.below(path), did, before, after });
  }

  /** Reads something for the witness. The time for it is not counted as the request's. */
  aside<Result>(work: () => Result): Result {
    this.witness.pause();
    try {
      return work();
    } finally {
      this.witness.resume();
    }
  }
}

function look(file: WatchedFile): Excerpt | null {
  return excerptOf(contentsOf(file.path), file);
}

/** Files of the users folder are small. Null when there is none; an unreadable file is shown as an empty one. */
function contentsOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    return isCode(error, "ENOENT") ? null : Buffer.alloc(0);
  }
}

function excerptOf(contents: Buffer | null, { isConfidential }: WatchedFile): Excerpt | null {
  if (contents === null) return null;
  const isShown = !isConfidential && contents.length <= EXCERPT_BYTES && isHarmless(contents.toString());
  return { bytes: contents.length, from: 0, text: isShown ? contents.toString() : null };
}

/**
 * Whether a file is an id, or a profile without a token: a profile carries a new token until that is in its own file
 * (users.ts). Nobody knows what is in any other file.
 */
function isHarmless(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" || (typeof value === "object" && value !== null && !("authToken" in value));
  } catch {
    return false;
  }
}
