/**
 * Checks what is in a backup while it is read: every size, every file of a user, every line of the journal. It throws at
 * the first thing that is wrong, so a file that pretends to be a backup costs no more than its beginning.
 */
import { userFileKind } from "../files/paths.ts";
import { MAX_LINE_BYTES, visitLinesOf } from "../journal/lines.ts";
import { decodeRecord, NEWLINE } from "../journal/record.ts";
import type { ArchivePart, FileStart } from "./read-archive.ts";

/**
 * A token, a secret, an id, a profile, or a file of a class. All of them are much shorter, but a pupil's progress that
 * somebody has edited may have this many bytes (class/progress.ts).
 */
const MAX_USER_FILE_BYTES = 16_384;
/** What the smallest file takes on a disk. */
const DISK_BLOCK_BYTES = 4096;
const NOTHING = Buffer.alloc(0);

export class BackupCheck {
  users = 0;
  lines = 0;
  /** Whether it has files of a class. */
  hasClass = false;
  readonly #freeBytes: number;
  #bytes = 0;
  #journalFiles = 0;
  /** The name of the file that is being read. */
  #name: string | undefined;
  /** Those bytes of it that are not checked yet, and where in it they begin. */
  #rest: Buffer = NOTHING;
  #offset = 0;

  /** @param freeBytes how much room there is for the unpacked files. */
  constructor(freeBytes: number) {
    this.#freeBytes = freeBytes;
  }

  /**
   * Checks the next part of the backup.
   * @throws {Error} with a message for the person at the terminal. end() does so, too.
   */
  async take(part: ArchivePart): Promise<void> {
    if (Buffer.isBuffer(part)) return this.#add(part);
    this.#endFile();
    this.#begin(part);
  }

  /** Call it when all is read. */
  end(): void {
    this.#endFile();
    if (this.#journalFiles === 0) throw new Error("The backup has no journal, not even an empty one");
  }

  #begin({ name, size }: FileStart): void {
    if (!isJournal(name) && size > MAX_USER_FILE_BYTES) throw damaged(name);
    this.#bytes += Math.ceil(size / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
    if (this.#bytes > this.#freeBytes) {
      const free = Math.floor(this.#freeBytes / 1024 / 1024);
      throw new Error(`The backup is too large for this disk, which has room for ${free} MiB. Make room first`);
    }
    this.#name = name;
  }

  async #add(piece: Buffer): Promise<void> {
    const name = this.#name ?? "";
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (!isJournal(name)) return;
    const end = this.#rest.lastIndexOf(NEWLINE) + 1;
    await visitLinesOf(this.#rest.subarray(0, end), this.#offset, (line, offset) => {
      if (decodeRecord(line) === undefined) throw damaged(name, offset);
      this.lines++;
    });
    this.#rest = this.#rest.subarray(end);
    this.#offset += end;
    if (this.#rest.length > MAX_LINE_BYTES) throw damaged(name, this.#offset);
  }

  #endFile(): void {
    const name = this.#name;
    if (name === undefined) return;
    if (isJournal(name)) {
      this.#journalFiles++;
      if (this.#rest.length > 0) throw damaged(name, this.#offset);
    } else if (name.startsWith("class/")) {
      // Whatever is in it: a start puts the files of a class right.
      this.hasClass = true;
    } else this.#endUserFile(name);
    this.#rest = NOTHING;
    this.#offset = 0;
  }

  #endUserFile(name: string): void {
    const kind = userFileKind(name.slice(name.indexOf("/") + 1));
    const text = this.#rest.toString();
    if (kind !== undefined && "token" in kind) this.users++;
    const isGood =
      kind === undefined || "token" in kind
        ? text.trim() !== ""
        : "handle" in kind
          ? /^\d+\s*$/.test(text)
          : isJson(text);
    if (!isGood) throw damaged(name);
  }
}

function isJournal(name: string): boolean {
  return name.startsWith("messages/");
}

function damaged(name: string, offset?: number): Error {
  const where = offset === undefined ? "" : ` at byte ${offset}`;
  return new Error(`${name} in the backup is damaged${where}. Nothing was changed`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
