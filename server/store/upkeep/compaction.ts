/**
 * Deleting deletes: compaction rewrites a journal file without the lines of what is gone. It runs beside the traffic,
 * one file at a time. It must never change what a replay makes of the files, so three rules hold:
 *
 * 1. The file in which a message was first written is its home. When a home is rewritten, it gets the newest line of
 *    each of its messages, wherever that line was. So messages in the files are always in the order of their ids.
 * 2. A line that says "deleted" stays as long as an older file may still hold what it deletes, and as long as a stream
 *    that resumes may still need to hear of it.
 * 3. The greatest ids ever used and the greatest event number stay written somewhere: in the start line of a newer
 *    file, in that of the newest file, or in their own line.
 */
import { saysDiskFull } from "../error-code.ts";
import { removeFiles } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { Reserve } from "../files/reserve.ts";
import type { MessageIndex } from "../index/message-index.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalFile } from "../journal/journal-file.ts";
import { Judge } from "./judge.ts";
import { rewriteFile } from "./rewrite.ts";

/** The newest file is rewritten while the writer waits. If it is longer than this, it is closed first. */
const MAX_BYTES_WHILE_WRITER_WAITS = 4 * 1024 * 1024;
/** When a file is full, those files are rewritten of which at least this part is garbage. */
const WASTE_WORTH_IT = 0.5;
const HOUR = 60 * 60 * 1000;
/** On a full disk, one try a second is enough. */
const RETRY_MILLISECONDS = 1000;

interface CompactionOptions {
  journal: Journal;
  index: MessageIndex;
  paths: Paths;
  reserve: Reserve;
  /** How many of the last events are kept for streams that resume. */
  recentEvents: number;
  /** Called with what went wrong; the files are as they were. */
  onError: (error: unknown) => void;
}

export class Compaction {
  readonly #options: CompactionOptions;
  #running: Promise<boolean> = Promise.resolve(true);
  #asked = false;
  #closed = false;
  #lastTry = 0;
  readonly #timer: NodeJS.Timeout;
  /** How many files were rewritten, for /metrics. */
  rewrites = 0;

  constructor(options: CompactionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.run("everything"), HOUR).unref();
  }

  /** Says that there may be something to do. If that was said already, nothing happens. */
  ask(why: "file full" | "disk full"): void {
    if (this.#asked || this.#closed) return;
    this.#asked = true;
    const what = why === "disk full" ? "everything" : "what is worth it";
    const wait = why === "disk full" ? this.#lastTry + RETRY_MILLISECONDS - Date.now() : 0;
    if (wait <= 0) void this.run(what);
    else setTimeout(() => void this.run(what), wait).unref();
  }

  /**
   * Rewrites files: every file that holds garbage, or those in which it is worth it.
   * @returns whether it went well.
   */
  run(what: "everything" | "what is worth it"): Promise<boolean> {
    this.#running = this.#running.then(async () => {
      this.#asked = false;
      if (this.#closed) return false;
      this.#lastTry = Date.now();
      try {
        await this.#compactFiles(what === "everything");
        await this.#options.reserve.keep();
        return true;
      } catch (error) {
        if (!saysDiskFull(error)) this.#options.onError(error);
        return false;
      }
    });
    return this.#running;
  }

  /** Runs `work` when no file is being rewritten; none is until it has ended. */
  whileNothingIsRewritten(work: () => Promise<void>): Promise<void> {
    const done = this.#running.then(work);
    this.#running = done.then(
      () => true,
      () => false,
    );
    return done;
  }

  /** Finishes the file that is being rewritten, and begins no other. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #compactFiles(everything: boolean): Promise<void> {
    const { journal } = this.#options;
    for (const number of journal.files.numbers()) {
      const file = journal.files.get(number);
      if (file === undefined || this.#closed) continue;
      const waste = file.deadBytes + (this.#needsNoTombstones(file) ? file.tombstoneBytes : 0);
      const worthIt = everything ? waste > 0 : file !== journal.files.newest && waste / file.bytes >= WASTE_WORTH_IT;
      if (worthIt) await this.#compact(file);
    }
  }

  async #compact(file: JournalFile): Promise<void> {
    const { journal } = this.#options;
    if (file === journal.files.newest && file.bytes > MAX_BYTES_WHILE_WRITER_WAITS) {
      await journal.exclusively(() => journal.rotate());
    }
    if (file === journal.files.newest) await journal.exclusively(() => this.#rewrite(file.number));
    else await this.#rewrite(file.number);
  }

  /** Whether no older file holds anything that was deleted, and no stream will ask for what is in this one. */
  #needsNoTombstones(file: JournalFile): boolean {
    if (file.lastSeq > this.#options.index.lastSeq - this.#options.recentEvents) return false;
    for (const older of this.#options.journal.files) {
      if (older === file) return true;
      if (older.deadBytes > 0) return false;
    }
    return true;
  }

  async #rewrite(number: number): Promise<void> {
    const { journal, index, paths } = this.#options;
    // Not the file from before: while it waited for the writer, the writer may have put it right after somebody changed
    // it by hand.
    const file = journal.files.get(number);
    if (file === undefined) return;
    // Asked now and not earlier: while this file waited for its turn, something in an older file may have been deleted,
    // and the line that says so may be in this one.
    const needsNoTombstones = this.#needsNoTombstones(file);
    const judge = new Judge(file, { files: journal.files, index, needsNoTombstones });
    const result = await rewriteFile(file, (line, offset) => judge.judge(line, offset), {
      files: journal.files,
      index,
      paths,
    });
    this.rewrites++;
    if (result.lines <= 1 && result.file !== journal.files.newest) {
      // Only the start line is left, and the start line of the next file says everything that it says.
      await journal.files.remove(result.file);
      await removeFiles([paths.journalFile(file.number)]);
    }
  }
}
