/**
 * Puts the folder `class` right when somebody has removed or damaged what the server needs in it. Damaged files are set
 * aside, and written again if the server still knows what was in them. Folders and keys come back. A file that is only
 * there or not may be removed by hand: that is a decision, and no damage.
 */
import { mkdir, stat } from "node:fs/promises";
import { isCode } from "../error-code.ts";
import { removeFiles, replaceFile, syncFolder } from "../files/durable-file.ts";
import { ABOUT_PUPILS, type AboutPupil, type ClassFileName, type Paths } from "../files/paths.ts";
import { countFilesAside, isNoFile, moveToFreeName, setAside } from "../files/quarantine.ts";
import type { Report } from "../report.ts";
import { type ClassKeys, writeKeys } from "./class-keys.ts";
import { encodeProgress } from "./progress.ts";
import { type Damage, type Known, NOTHING_KNOWN, readClass } from "./read-class.ts";

/** Somebody may damage a file again and again. */
const MAX_NOTES = 10;

/** What the server knows of the files that it cannot do without. */
export interface Needed {
  /** The last keys that could be read. */
  keys: ClassKeys;
  id: string;
}

/** What a damaged file means if the server does not know any more what was in it. */
const LOST: Record<string, string> = {
  "keys.json": "made new keys. The earlier addresses of the teacher and of the projector no longer work.",
  "id.dat": "made a new one. Browsers that were open take this for a new class.",
  "teacher.dat": "does not know any more who the teacher is. Open the teacher's page to become the teacher again.",
  "label.dat": "does not know any more what the class is called. Say it when you put the class away.",
  "lesson.dat": "does not know any more in which lesson the class is. Choose it again.",
};
const LOST_PROGRESS =
  "does not know any more which lessons this pupil has passed. It learns that again when the pupil runs the check.";

/** What is in a file that the server cannot do without. */
const WHAT: Record<string, string> = { "keys.json": "keys", "id.dat": "id" };

export class ClassRepair {
  /** How many damaged files are set aside, now or earlier. */
  filesAside = 0;
  /** What was done since the start, in sentences for the person who has changed the files. */
  notes: readonly string[] = [];
  readonly #paths: Paths;
  readonly #report: Report;
  /** What was damaged when the folder was read the last time. */
  #lastDamage = "";

  constructor(paths: Paths, report: Report) {
    this.#paths = paths;
    this.#report = report;
  }

  /** Makes the folders, and sets aside whatever cannot be read. */
  async atStart(): Promise<void> {
    await this.makeFolders();
    for (const name of readClass(this.#paths, NOTHING_KNOWN).damage.files) {
      await this.#setAside(name);
      await removeFiles([this.#paths.classFile(name)]);
      this.#note(`class/${name} was damaged. The server has moved it to class/aside, and ${LOST[name]}`);
    }
    for (const userId of readClass(this.#paths, NOTHING_KNOWN).damage.progress) {
      await this.#setProgressAside(userId);
      await removeFiles([this.#paths.pupilFile("progress", userId)]);
      this.#note(
        `class/progress/${userId}.json was damaged. The server has moved it to class/aside, and ${LOST_PROGRESS}`,
      );
    }
    this.filesAside = await countFilesAside(this.#paths.classAside);
  }

  /** @returns whether to put something right: not at once, because an editor may be writing the file just now. */
  isNeeded(damage: Damage): boolean {
    const isDamaged = Object.values(damage).some(({ length }) => length > 0);
    const shown = isDamaged ? JSON.stringify(damage) : "";
    const isOld = isDamaged && shown === this.#lastDamage;
    this.#lastDamage = shown;
    return isOld;
  }

  /** @param known what the files said before they were damaged. */
  async putRight(known: Known, needed: Needed): Promise<void> {
    const { missingFolders } = readClass(this.#paths, known).damage;
    if (missingFolders.length > 0) {
      this.#note(
        "Folders in class were removed. The server has made them again, but what was in them no longer holds.",
      );
    }
    await this.makeFolders();
    const { files, progress, missingFiles } = readClass(this.#paths, known).damage;
    for (const name of files) {
      await this.#setAside(name);
      await this.#write(name, known, needed);
      this.#note(`class/${name} was damaged. The server has moved it to class/aside and written it again.`);
    }
    for (const userId of progress) {
      await this.#setProgressAside(userId);
      const path = this.#paths.pupilFile("progress", userId);
      const { progress: last } = known.progress.get(userId) ?? {};
      await (last === undefined ? removeFiles([path]) : replaceFile(path, encodeProgress(last)));
      const what = last === undefined ? LOST_PROGRESS : "written it again.";
      this.#note(`class/progress/${userId}.json was damaged. The server has moved it to class/aside and ${what}`);
    }
    for (const name of missingFiles) {
      await this.#write(name, known, needed);
      this.#note(`class/${name} was removed. The server has written it again, with the same ${WHAT[name]}.`);
    }
  }

  async makeFolders(): Promise<void> {
    await mkdir(this.#paths.class, { recursive: true, mode: 0o700 });
    for (const about of ABOUT_PUPILS) {
      const folder = this.#paths.pupilFolder(about);
      if (!(await isFolderOrFree(folder))) {
        await this.#setAside(about);
        this.#note(`class/${about} was no folder. The server has moved it to class/aside.`);
      }
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    await syncFolder(this.#paths.class);
    await syncFolder(this.#paths.root);
  }

  /** Writes again what a file said. If it said nothing yet, it is only removed. */
  async #write(name: ClassFileName, { teacherId, label, facts }: Known, { keys, id }: Needed): Promise<void> {
    const path = this.#paths.classFile(name);
    const value = { "teacher.dat": teacherId, "lesson.dat": facts.lesson, "label.dat": label }[name as string];
    if (name === "keys.json") await writeKeys(this.#paths, keys);
    else if (name === "id.dat") await replaceFile(path, id);
    else if (value !== undefined) await replaceFile(path, String(value));
    else await removeFiles([path]);
  }

  /** A file keeps its name until it is replaced. A folder cannot be replaced, so it is moved. */
  async #setAside(name: ClassFileName | AboutPupil): Promise<void> {
    const { classAside } = this.#paths;
    const isFolderName = isAboutPupil(name);
    const path = isFolderName ? this.#paths.pupilFolder(name) : this.#paths.classFile(name);
    const put = isFolderName || (await isNoFile(path)) ? moveToFreeName : undefined;
    await setAside(path, classAside, (attempt) => this.#paths.asideClassFile(name, attempt), put);
    this.filesAside++;
  }

  async #setProgressAside(userId: number): Promise<void> {
    const path = this.#paths.pupilFile("progress", userId);
    const put = (await isNoFile(path)) ? moveToFreeName : undefined;
    const nameFor = (attempt: number) => this.#paths.asidePupilFile("progress", userId, attempt);
    await setAside(path, this.#paths.classAside, nameFor, put);
    this.filesAside++;
  }

  #note(sentence: string): void {
    this.#report("error", sentence, {});
    this.notes = [...this.notes.filter((each) => each !== sentence), sentence].slice(-MAX_NOTES);
  }
}

async function isFolderOrFree(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isCode(error, "ENOENT")) return true;
    throw error;
  }
}

function isAboutPupil(name: string): name is AboutPupil {
  return (ABOUT_PUPILS as readonly string[]).includes(name);
}
