/**
 * Watches the journal's files for what people do to them by hand while the server runs: each file is looked at about
 * once a second, the journal's writer looks at the newest file for every batch, and a page that meets a bad line asks
 * for a look, too. Whatever is found is put right (put-right.ts), messages that were taken out are removed, and all of it
 * is said in the log, at /readyz and by `plainchat doctor`.
 */
import { readdirSync, statSync } from "node:fs";
import { codeOf, saysDiskFull } from "../error-code.ts";
import { journalNumbersIn } from "../files/paths.ts";
import { moveToFreeName } from "../files/quarantine.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalFile } from "../journal/journal-file.ts";
import type { LastIds } from "../journal/last-ids.ts";
import type { Report } from "../report.ts";
import { FolderError, SyncError } from "../store-errors.ts";
import type { Compaction } from "./compaction.ts";
import { type PutRight, putRight } from "./put-right.ts";
import { keepAside } from "./repair.ts";
import type { JournalState } from "./rewrite.ts";
import { beforeLoss, sentencesAbout } from "./what-was-done.ts";

const TURN_MILLISECONDS = 500;
/** How many of the older files are looked at in one turn: a tenth of a millisecond of work. */
const FILES_IN_A_TURN = 32;
const REMOVALS_AT_ONCE = 1000;
/** How often the newest file is compared with the memory while it is written to all the time. */
const COMPARE_MILLISECONDS = 10_000;
/** How many sentences are kept for /readyz: the newest. */
const MAX_NOTES = 20;

interface HandEditsOptions {
  state: JournalState;
  report: Report;
  /** Removes a message whose line was taken out, or cannot be read any more. */
  remove: (messageId: number) => Promise<unknown>;
  onFatal: (error: unknown) => void;
}

/** What puts the files right, and what must not run at the same time. */
interface Running {
  journal: Journal;
  compaction: Compaction;
  lastIds: LastIds;
}

export class HandEdits {
  /** Sentences about what was changed by hand since the start, the newest last. */
  readonly notes: string[];
  /** How many files were set aside since the start. */
  filesAside = 0;
  readonly #options: HandEditsOptions;
  #running: Running | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #removing: Promise<void> = Promise.resolve();
  #turns = 0;
  /** The last file that was compared with the memory, how long it was, and when that was. */
  #compared = { serial: 0, bytes: 0, at: 0 };
  /** Sentences about what cannot be put right at the moment, each with the turn in which that was last seen. */
  readonly #troubles = new Map<string, number>();
  /** Files that a page has met bad lines in. Whoever meets more of them waits for the same look. */
  readonly #mending = new Map<number, Promise<void>>();

  /** @param notes what the start has found. */
  constructor(options: HandEditsOptions, notes: readonly string[]) {
    this.notes = [...notes];
    this.#options = options;
  }

  /** Begins to look at the files. */
  watch(running: Running): void {
    this.#running = running;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, TURN_MILLISECONDS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    // What is not put right now is gone with this process.
    await this.#look("all");
    await this.#removing;
  }

  /** What cannot be put right at the moment. */
  get troubles(): string[] {
    return [...this.#troubles.keys()];
  }

  /** Compares each line of each file with what was written. For `plainchat doctor`. */
  async lookAtEverything(): Promise<void> {
    for (const number of this.#options.state.files.numbers()) await this.look(number, true).catch(() => {});
    await this.#look();
    await this.#removing;
  }

  /** Puts a file right in which a page has met a bad line. */
  async mend(number: number): Promise<void> {
    const mending = this.#mending.get(number) ?? this.look(number, true).finally(() => this.#mending.delete(number));
    this.#mending.set(number, mending);
    // If it cannot be put right, that is reported, and the page goes on without the line.
    await mending.catch(() => {});
  }

  /**
   * Looks at a file and puts it right, when nothing else is writing to it.
   * @param isSuspect compare its lines even if the system says that nobody has touched it.
   */
  async look(number: number, isSuspect: boolean): Promise<void> {
    const { state } = this.#options;
    const { journal, compaction } = this.#running ?? {};
    if (journal === undefined || compaction === undefined) return;
    await compaction.whileNothingIsRewritten(async () => {
      const file = state.files.get(number);
      if (file === undefined) return;
      if (file === state.files.newest) await journal.exclusively(() => this.#putRight(state.files.newest, isSuspect));
      else await this.#putRight(file, isSuspect);
    });
  }

  /**
   * Puts the newest file right. Only for the journal's writer, in its own turn: nothing else writes to this file then.
   * @returns the file that has its name now.
   */
  async putNewestRight(file: JournalFile): Promise<JournalFile> {
    try {
      await this.#putRight(file, false);
    } catch (error) {
      if (error instanceof SyncError || saysDiskFull(error)) throw error;
      throw new FolderError("The newest file of the journal cannot be put right", { cause: error });
    }
    return this.#options.state.files.newest;
  }

  async #look(which: "all" | "some" = "some"): Promise<void> {
    const { files, paths } = this.#options.state;
    const older = files.numbers().slice(0, -1);
    this.#turns++;
    try {
      const from = (this.#turns * FILES_IN_A_TURN) % Math.max(1, older.length);
      const wanted = which === "all" ? files.numbers() : older.slice(from, from + FILES_IN_A_TURN);
      for (const number of wanted) await this.#lookIfTouched(number);
      // While the writer has a batch, the newest file is longer than it should be; the writer itself looks at it then.
      if (this.#running?.journal.isWriting === false) {
        await this.#lookIfTouched(files.newest.number);
      }
      if (!(await this.#isAsInMemory(files.newest))) await this.look(files.newest.number, true);
      if (this.#running?.lastIds.isThere() === false) this.#running.journal.noteLastIds();
      for (const number of journalNumbersIn(readdirSync(paths.messages))) {
        if (files.get(number) === undefined) await this.#setStrangeFileAside(number);
      }
    } catch (error) {
      this.#trouble("The journal's files cannot be looked at", error);
    }
    // What was not seen again since each file has had its turn is over.
    const turnsForAll = Math.max(1, Math.ceil(older.length / FILES_IN_A_TURN));
    for (const [sentence, turn] of this.#troubles) {
      if (turn <= this.#turns - turnsForAll) this.#troubles.delete(sentence);
    }
  }

  /** If a file cannot be put right, that is reported, and the others get their turn. */
  async #lookIfTouched(number: number): Promise<void> {
    const file = this.#options.state.files.get(number);
    if (file !== undefined && !this.#isUntouched(file)) await this.look(number, false).catch(() => {});
  }

  #isUntouched(file: JournalFile): boolean {
    try {
      const stats = statSync(this.#options.state.paths.journalFile(file.number), { throwIfNoEntry: false });
      return stats !== undefined && file.isUntouched(stats);
    } catch {
      return false;
    }
  }

  /** A byte that was changed just while the writer wrote leaves no other trace. */
  async #isAsInMemory(file: JournalFile): Promise<boolean> {
    const { serial, bytes } = file;
    if (this.#compared.serial === serial && this.#compared.bytes === bytes) return true;
    // It reads up to 8 MiB. While messages come in all the time, that would slow them down.
    const now = performance.now();
    if (this.#running?.journal.isWriting === true && now - this.#compared.at < COMPARE_MILLISECONDS) return true;
    this.#compared = { serial, bytes, at: now };
    return file.whileOpen(() => this.#options.state.files.recent.isIn(file));
  }

  async #putRight(file: JournalFile, isSuspect: boolean): Promise<void> {
    const { state, onFatal } = this.#options;
    const name = state.paths.below(state.paths.journalFile(file.number));
    try {
      const isNewest = file === state.files.newest;
      const done = await putRight(file, state, isSuspect, (lost) => this.#trouble(beforeLoss(name, lost, isNewest)));
      if (done === undefined) return;
      this.#note(name, done);
      // It also puts back the space that is kept for a full disk, if that was removed, too.
      if (done.found === undefined) this.#running?.compaction.ask("file full");
      // Not awaited: the writer may be waiting for this file, and the removals wait for the writer.
      this.#removing = this.#removing.then(() => this.#remove([...done.takenOut, ...done.lost]));
    } catch (error) {
      if (error instanceof SyncError) onFatal(error);
      this.#trouble(`${name} was changed by hand and cannot be put right. Nothing can be sent until it can`, error);
      throw error;
    }
  }

  async #remove(messageIds: number[]): Promise<void> {
    const { remove, report } = this.#options;
    if (messageIds.length === 0) return;
    try {
      // Not all at once: the journal takes only so much that waits.
      for (let i = 0; i < messageIds.length; i += REMOVALS_AT_ONCE) {
        await Promise.all(messageIds.slice(i, i + REMOVALS_AT_ONCE).map((messageId) => remove(messageId)));
      }
      // Their texts go from the files at once, as the person who took them out expects.
      void this.#running?.compaction.run("everything");
    } catch (error) {
      report("error", "Messages that were taken out by hand are still there", { error });
    }
  }

  /** A file with the name of a journal file that the server did not make: a copy, or one that was renamed. */
  async #setStrangeFileAside(number: number): Promise<void> {
    const { files, paths } = this.#options.state;
    const { journal, compaction } = this.#running ?? {};
    await compaction?.whileNothingIsRewritten(async () => {
      await journal?.exclusively(async () => {
        if (files.get(number) !== undefined) return;
        const copy = await keepAside({ number }, paths, moveToFreeName);
        this.filesAside++;
        const name = paths.below(paths.journalFile(number));
        this.#say(`${name} does not belong to the server. It was moved to ${paths.below(copy)}.`, { file: name, copy });
      });
    });
  }

  #note(file: string, done: PutRight): void {
    if (done.copy !== undefined) this.filesAside++;
    const { takenOut, lost } = done;
    this.#say(sentencesAbout(file, done, this.#options.state.paths), { takenOut, lost });
  }

  #say(sentence: string, details: Record<string, unknown>): void {
    this.notes.push(sentence);
    if (this.notes.length > MAX_NOTES) this.notes.shift();
    this.#options.report("error", sentence, details);
  }

  #trouble(sentence: string, error?: unknown): void {
    const whole = error === undefined ? sentence : `${sentence} (${codeOf(error) ?? String(error)}).`;
    if (!this.#troubles.has(whole)) this.#options.report("error", whole, error === undefined ? {} : { error });
    this.#troubles.set(whole, this.#turns);
  }
}
