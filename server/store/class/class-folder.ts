/**
 * What the teacher has decided, in the folder `class`: one small file for each fact, so that you can read them with
 * `ls` and `cat`. A file is there as a whole or not at all, also after a power cut.
 *
 *     keys.json             the teacher's key and the projector's key
 *     id.dat                tells this class from every other one
 *     teacher.dat           the userId of the teacher
 *     label.dat             what the teacher calls the class
 *     lesson.dat            the number of the lesson
 *     paused.json           there while nobody but the teacher may send
 *     texts-shown.json      there while the wall and the glass show the texts of messages
 *     board-shown.json      there while the wall shows which lessons everybody has passed
 *     muted/<userId>.json   there while this pupil may not send
 *     hidden/<userId>.json  there while this pupil is not on the wall
 *     hands/<userId>.json   there while this pupil's hand is up
 *     codes/<userId>.json   the hash of a rejoin code, until when it is valid, and how many wrong ones were tried
 *     progress/<userId>.json    how far this pupil is in the course
 *     aside/                damaged files, as they were found
 *
 * A file that is only there or not says since when. Everything is in memory, too: a request reads no file. Somebody may
 * remove or add a file by hand, so the folder is read again every second.
 */
import type {
  ClassChange,
  ClassFacts,
  Classroom,
  Confidential,
  Decisions,
  LessonProgress,
  LessonReport,
  Progress,
  PupilChange,
  PupilFacts,
} from "../contract.ts";
import { isCode, saysDiskFull } from "../error-code.ts";
import { createFile, removeFiles, removeTemporaryFiles, replaceFile, syncFolder } from "../files/durable-file.ts";
import { ABOUT_PUPILS, type Paths } from "../files/paths.ts";
import { OneAtATime } from "../one-at-a-time.ts";
import type { Report } from "../report.ts";
import { DiskFullError, SyncError } from "../store-errors.ts";
import { ConfidentialText } from "../users/confidential-text.ts";
import { Archives } from "./archives.ts";
import { makeClassId } from "./class-id.ts";
import { type ClassKeys, makeKeys, newKeys } from "./class-keys.ts";
import { ClassRepair } from "./class-repair.ts";
import { encodeProgress, lessonIn, withReport } from "./progress.ts";
import { DAMAGED, type Damage, isSame, type Known, NOTHING_KNOWN, readClass } from "./read-class.ts";
import { RejoinCodes } from "./rejoin-codes.ts";

const TURN_MILLISECONDS = 1000;

interface ClassFolderOptions {
  paths: Paths;
  now: () => number;
  report: Report;
  /** How many users and messages there are. */
  figures: () => { users: number; messages: number };
  /** Called when the folder must be opened again, because another class is to be in it. */
  onOtherClass: () => void;
  /** Whether somebody is a user. Files about anybody else are left over from a crash. */
  isUser?: (userId: number) => boolean;
  /** Called when something has changed, also by hand. */
  onChange: () => void;
  /** Called when nothing can be promised any more. */
  onFatal: (error: unknown) => void;
}

export class ClassFolder implements Classroom, Decisions {
  readonly #options: ClassFolderOptions;
  readonly #paths: Paths;
  readonly #changes = new OneAtATime<"class">();
  readonly #repair: ClassRepair;
  readonly #codes: RejoinCodes;
  #timer: NodeJS.Timeout | undefined;
  #known: Known = NOTHING_KNOWN;
  #keys: ClassKeys = newKeys();
  #id = makeClassId();
  readonly archives: Archives;

  private constructor(options: ClassFolderOptions) {
    this.#options = options;
    this.#paths = options.paths;
    this.#repair = new ClassRepair(options.paths, options.report);
    this.#codes = new RejoinCodes(options.paths);
    const label = () => this.#known.label;
    this.archives = new Archives({ ...options, label, durably: (work) => this.#durably(work) });
  }

  /** Opens the folder, and makes it with new keys if it is not there. */
  static async open(options: ClassFolderOptions): Promise<ClassFolder> {
    const folder = new ClassFolder(options);
    const { paths } = options;
    await folder.#repair.atStart();
    for (const path of [paths.class, ...ABOUT_PUPILS.map((about) => paths.pupilFolder(about))]) {
      await removeTemporaryFiles(path);
    }
    await syncFolder(paths.root);
    folder.readAgain();
    if (folder.#known.keys === undefined) await folder.makeKeys();
    if (folder.#known.id === undefined) await folder.#keepId();
    await folder.#forgetAllButUsers();
    folder.#timer = setInterval(() => folder.#look(), TURN_MILLISECONDS).unref();
    return folder;
  }

  /** For the terminal, which shows them to the teacher. */
  get keys(): ClassKeys {
    return this.#keys;
  }

  /** Tells this class from every other one, for pages that stay open while the folder gets another class. */
  get id(): string {
    return this.#id;
  }

  openProjectorKey(): Confidential {
    return new ConfidentialText(this.#keys.projector);
  }

  openKey(): Confidential {
    return new ConfidentialText(this.#keys.teacher);
  }

  decisions(): Decisions {
    return this;
  }

  get teacherId(): number | undefined {
    return this.#known.teacherId;
  }

  get facts(): ClassFacts {
    return this.#known.facts;
  }

  get hiddenIds(): readonly number[] {
    return [...this.#known.pupils.hidden];
  }

  pupil(userId: number): PupilFacts {
    const { muted, hidden, hands } = this.#known.pupils;
    return { isMuted: muted.has(userId), isHidden: hidden.has(userId), isHandUp: hands.has(userId) };
  }

  openProgress(userId: number): Progress | undefined {
    return this.#known.progress.get(userId)?.progress;
  }

  openAllProgress(): ReadonlyMap<number, Progress> {
    return new Map(Array.from(this.#known.progress, ([userId, { progress }]) => [userId, progress]));
  }

  /** What somebody has removed or damaged by hand since the start, in sentences for that person. */
  get notes(): readonly string[] {
    return this.#repair.notes;
  }

  /** How many damaged files are set aside, in class/aside. */
  get filesAside(): number {
    return this.#repair.filesAside;
  }

  /** @param userId undefined if there is no teacher after all. */
  setTeacher(userId: number | undefined): Promise<void> {
    const path = this.#paths.classFile("teacher.dat");
    return this.#durably(() => (userId === undefined ? removeFiles([path]) : replaceFile(path, String(userId))));
  }

  change({ isPaused, showsTexts, showsBoard, lesson }: ClassChange): Promise<void> {
    return this.#durably(async () => {
      await this.#mark(this.#paths.classFile("paused.json"), isPaused);
      await this.#mark(this.#paths.classFile("texts-shown.json"), showsTexts);
      await this.#mark(this.#paths.classFile("board-shown.json"), showsBoard);
      if (lesson !== undefined) await replaceFile(this.#paths.classFile("lesson.dat"), String(lesson));
    });
  }

  changePupil(userId: number, { isMuted, isHidden, isHandUp }: PupilChange): Promise<void> {
    return this.#durably(async () => {
      await this.#mark(this.#paths.pupilFile("muted", userId), isMuted);
      await this.#mark(this.#paths.pupilFile("hidden", userId), isHidden);
      await this.#mark(this.#paths.pupilFile("hands", userId), isHandUp);
    });
  }

  /** In turn with all other changes: what is the same as before must be on the disk already. */
  keepProgress(userId: number, report: LessonReport): Promise<LessonProgress> {
    return this.#changes.run("class", async () => {
      const { progress: before, stamp } = this.#known.progress.get(userId) ?? {};
      const after = withReport(before, report, new Date(this.#options.now()).toISOString());
      if (after !== before || stamp === DAMAGED) await this.#write(() => this.#writeProgress(userId, after));
      const entry = lessonIn(after, report.lesson);
      if (entry === undefined) throw new Error("A report must be in what it makes of the progress");
      return entry;
    });
  }

  /** Somebody may have left while the server was not in class mode, or the server was killed in between. */
  async #forgetAllButUsers(): Promise<void> {
    const { isUser = () => true } = this.#options;
    const { pupils } = this.#known;
    const all = new Set(ABOUT_PUPILS.flatMap((about) => [...pupils[about]]));
    for (const userId of all) if (!isUser(userId)) await this.forgetPupil(userId);
  }

  forgetPupil(userId: number): Promise<void> {
    return this.#durably(async () => {
      for (const about of ABOUT_PUPILS) await this.#mark(this.#paths.pupilFile(about, userId), false);
    });
  }

  keepCode(userId: number, code: string, validUntil: string): Promise<void> {
    return this.#durably(() => this.#codes.keep(userId, code, validUntil));
  }

  useCode(userId: number, code: string, now: number): Promise<boolean> {
    return this.#durably(() => this.#codes.use(userId, code, now));
  }

  /** Makes new keys. The old ones no longer count. */
  makeKeys(): Promise<unknown> {
    return this.#durably(() => makeKeys(this.#paths));
  }

  /**
   * Reads what is in the folder now, also new keys: the terminal replaces them while the server runs.
   * @returns undefined if the system could not read it now. What is in memory counts until it can.
   */
  readAgain(): Damage | undefined {
    try {
      const { known, damage } = readClass(this.#paths, this.#known);
      const isChanged = !isSame(known, this.#known);
      this.#known = known;
      if (known.keys !== undefined) this.#keys = known.keys;
      if (known.id !== undefined) this.#id = known.id;
      if (isChanged) this.#options.onChange();
      return damage;
    } catch {
      return undefined;
    }
  }

  #keepId(): Promise<void> {
    return this.#durably(() => replaceFile(this.#paths.classFile("id.dat"), this.#id));
  }

  /** Lets the change that is being made end. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#changes.run("class", async () => {});
  }

  async #writeProgress(userId: number, progress: Progress): Promise<void> {
    await replaceFile(this.#paths.pupilFile("progress", userId), encodeProgress(progress));
    // Even if the system cannot read it again just now: the next report goes on from this one.
    const known = new Map(this.#known.progress).set(userId, { progress, stamp: DAMAGED });
    this.#known = { ...this.#known, progress: known };
  }

  /** Creates or removes a file that is only there or not. @param isThere undefined leaves it as it is. */
  async #mark(path: string, isThere: boolean | undefined): Promise<void> {
    if (isThere === true) {
      await createFile(path, JSON.stringify({ since: new Date(this.#options.now()).toISOString() }));
    } else if (isThere === false) await removeFiles([path]);
  }

  /** Changes files of the folder, one change after the other. Afterwards they are read again. */
  #durably<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#changes.run("class", () => this.#write(work));
  }

  async #write<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#withFolders(work);
    } catch (error) {
      if (error instanceof SyncError) this.#options.onFatal(error);
      if (saysDiskFull(error)) throw new DiskFullError("The disk is full", { cause: error });
      throw error;
    } finally {
      this.readAgain();
    }
  }

  /** Somebody may have removed a folder a moment ago. */
  async #withFolders<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
      await this.#repair.makeFolders();
      return work();
    }
  }

  /** Every second: somebody may have changed a file by hand. */
  #look(): void {
    const damage = this.readAgain();
    if (damage === undefined || !this.#repair.isNeeded(damage)) return;
    void this.#changes
      .run("class", async () => {
        await this.#repair.putRight(this.#known, { keys: this.#keys, id: this.#id });
        this.readAgain();
      })
      .catch((error) => this.#options.report("error", "The folder class cannot be put right", { error }));
  }
}
