/**
 * What the teacher has decided, in the folder `class`: one small file for each fact, so that you can read them with
 * `ls` and `cat`. A file is there as a whole or not at all, also after a power cut.
 *
 *     keys.json             the teacher's key and the projector's key
 *     teacher.dat           the userId of the teacher
 *     lesson.dat            the number of the lesson
 *     paused.json           there while nobody but the teacher may send
 *     texts-shown.json      there while the wall and the glass show the texts of messages
 *     muted/<userId>.json   there while this pupil may not send
 *     hidden/<userId>.json  there while this pupil is not on the wall
 *     hands/<userId>.json   there while this pupil's hand is up
 *     codes/<userId>.json   the hash of a rejoin code, and until when it is valid
 *
 * A file that is only there or not says since when. Everything is in memory, too: a request
 * reads no file. Somebody may remove or add a file by hand, so the folder is read again every second.
 */
import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { ClassFacts, Classroom, Confidential, PupilFacts } from "../contract.ts";
import { saysDiskFull } from "../error-code.ts";
import { createFile, removeFiles, removeTemporaryFiles, replaceFile, syncFolder } from "../files/durable-file.ts";
import { ABOUT_PUPILS, type Paths } from "../files/paths.ts";
import { OneAtATime } from "../one-at-a-time.ts";
import { DiskFullError, SyncError } from "../store-errors.ts";
import { ConfidentialText } from "../users/confidential-text.ts";
import { type ClassKeys, makeKeys, readKeys } from "./class-keys.ts";

const TURN_MILLISECONDS = 1000;
/** There are 900 million codes: nobody finds one in so few tries. */
const MAX_WRONG_CODES = 5;

/** What the files of the folder say. */
interface Known {
  teacherId: number | undefined;
  facts: ClassFacts;
  muted: Set<number>;
  hidden: Set<number>;
  hands: Set<number>;
}

interface ClassFolderOptions {
  paths: Paths;
  now: () => number;
  /** Called when nothing can be promised any more. */
  onFatal: (error: unknown) => void;
}

export class ClassFolder implements Classroom {
  readonly #options: ClassFolderOptions;
  readonly #paths: Paths;
  readonly #changes = new OneAtATime<string>();
  readonly #timer: NodeJS.Timeout;
  #keys: ClassKeys = { teacher: "", projector: "" };
  #known: Known = nothingKnown();
  /** How many wrong codes somebody has tried for a pupil. */
  readonly #wrongCodes = new Map<number, number>();
  readonly #listeners = new Set<() => void>();

  private constructor(options: ClassFolderOptions) {
    this.#options = options;
    this.#paths = options.paths;
    this.#timer = setInterval(() => this.readAgain(), TURN_MILLISECONDS).unref();
  }

  /** Opens the folder, and makes it with new keys if it is not there. */
  static async open(options: ClassFolderOptions): Promise<ClassFolder> {
    const folder = new ClassFolder(options);
    const { paths } = options;
    for (const path of [paths.class, ...ABOUT_PUPILS.map((about) => paths.pupilFolder(about))]) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await removeTemporaryFiles(path);
    }
    await syncFolder(paths.root);
    if (!folder.#readKeys()) await folder.#durably(() => makeKeys(paths));
    folder.#known = folder.#read();
    return folder;
  }

  /** For the terminal, which shows them to the teacher. */
  get keys(): ClassKeys {
    return this.#keys;
  }

  openProjectorKey(): Confidential {
    return new ConfidentialText(this.#keys.projector);
  }

  openKey(): Confidential {
    return new ConfidentialText(this.#keys.teacher);
  }

  get teacherId(): number | undefined {
    return this.#known.teacherId;
  }

  get facts(): ClassFacts {
    return this.#known.facts;
  }

  pupil(userId: number): PupilFacts {
    const { muted, hidden, hands } = this.#known;
    return { isMuted: muted.has(userId), isHidden: hidden.has(userId), isHandUp: hands.has(userId) };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setTeacher(userId: number): Promise<void> {
    return this.#durably(() => replaceFile(this.#paths.classFile("teacher.dat"), String(userId)));
  }

  change({ isPaused, showsTexts, lesson }: Partial<ClassFacts>): Promise<void> {
    return this.#durably(async () => {
      if (isPaused !== undefined) await this.#mark(this.#paths.classFile("paused.json"), isPaused);
      if (showsTexts !== undefined) await this.#mark(this.#paths.classFile("texts-shown.json"), showsTexts);
      if (lesson !== undefined) await replaceFile(this.#paths.classFile("lesson.dat"), String(lesson));
    });
  }

  changePupil(userId: number, { isMuted, isHidden, isHandUp }: Partial<PupilFacts>): Promise<void> {
    return this.#durably(async () => {
      if (isMuted !== undefined) await this.#mark(this.#paths.pupilFile("muted", userId), isMuted);
      if (isHidden !== undefined) await this.#mark(this.#paths.pupilFile("hidden", userId), isHidden);
      if (isHandUp !== undefined) await this.#mark(this.#paths.pupilFile("hands", userId), isHandUp);
    });
  }

  keepCode(userId: number, code: string, validUntil: string): Promise<void> {
    this.#wrongCodes.delete(userId);
    const text = JSON.stringify({ hash: hashOf(code), validUntil });
    return this.#durably(() => replaceFile(this.#paths.pupilFile("codes", userId), text));
  }

  async useCode(userId: number, code: string, now: number): Promise<boolean> {
    const path = this.#paths.pupilFile("codes", userId);
    const kept = codeIn(textOf(path));
    if (kept === undefined) return false;
    const isRight = Date.parse(kept.validUntil) > now && new ConfidentialText(kept.hash).matches(hashOf(code));
    const wrong = (this.#wrongCodes.get(userId) ?? 0) + 1;
    if (isRight || wrong >= MAX_WRONG_CODES) {
      this.#wrongCodes.delete(userId);
      await this.#durably(() => removeFiles([path]));
    } else this.#wrongCodes.set(userId, wrong);
    return isRight;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A file that is there or not. */
  async #mark(path: string, isThere: boolean): Promise<void> {
    if (isThere) await createFile(path, JSON.stringify({ since: new Date(this.#options.now()).toISOString() }));
    else await removeFiles([path]);
  }

  /** Changes files of the folder, one change after the other. Afterwards they are read again. */
  #durably(work: () => Promise<unknown>): Promise<void> {
    return this.#changes.run("class", async () => {
      try {
        await work();
      } catch (error) {
        if (error instanceof SyncError) this.#options.onFatal(error);
        if (saysDiskFull(error)) throw new DiskFullError("The disk is full", { cause: error });
        throw error;
      } finally {
        this.readAgain();
      }
    });
  }

  /** Reads what is in the folder now, also new keys: the terminal replaces them while the server runs. */
  readAgain(): void {
    this.#readKeys();
    const before = JSON.stringify(comparable(this.#known));
    this.#known = this.#read();
    if (JSON.stringify(comparable(this.#known)) === before) return;
    for (const listener of this.#listeners) listener();
  }

  #read(): Known {
    const paths = this.#paths;
    const lesson = Number(textOf(paths.classFile("lesson.dat")) ?? "");
    const teacherId = Number(textOf(paths.classFile("teacher.dat")) ?? "");
    return {
      teacherId: Number.isSafeInteger(teacherId) && teacherId > 0 ? teacherId : undefined,
      facts: {
        isPaused: textOf(paths.classFile("paused.json")) !== undefined,
        showsTexts: textOf(paths.classFile("texts-shown.json")) !== undefined,
        lesson: Number.isSafeInteger(lesson) && lesson > 0 ? lesson : undefined,
      },
      muted: usersIn(paths.pupilFolder("muted")),
      hidden: usersIn(paths.pupilFolder("hidden")),
      hands: usersIn(paths.pupilFolder("hands")),
    };
  }

  /** Without keys in the file, those from before still count. @returns whether there are any. */
  #readKeys(): boolean {
    try {
      const keys = readKeys(this.#paths);
      if (keys !== undefined) this.#keys = keys;
      return keys !== undefined;
    } catch {
      return false;
    }
  }
}

function nothingKnown(): Known {
  const facts = { isPaused: false, showsTexts: false, lesson: undefined };
  return { teacherId: undefined, facts, muted: new Set(), hidden: new Set(), hands: new Set() };
}

function comparable({ muted, hidden, hands, ...known }: Known): object {
  return { ...known, pupils: [muted, hidden, hands].map((ids) => [...ids].sort()) };
}

/** Small letters and capital letters are the same: people type a code from a wall or a sheet of paper. */
function hashOf(code: string): string {
  return hash("sha256", code.toUpperCase());
}

function codeIn(text: string | undefined): { hash: string; validUntil: string } | undefined {
  try {
    const { hash, validUntil } = JSON.parse(text ?? "null") ?? {};
    return typeof hash === "string" && typeof validUntil === "string" ? { hash, validUntil } : undefined;
  } catch {
    return undefined;
  }
}

/** The ids in the names of files such as `7.json`. */
function usersIn(folder: string): Set<number> {
  try {
    const ids = readdirSync(folder).map((name) => Number(/^([1-9]\d{0,15})\.json$/.exec(name)?.[1]));
    return new Set(ids.filter(Number.isSafeInteger));
  } catch {
    return new Set();
  }
}

/** Undefined if there is no such file, or none that can be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
