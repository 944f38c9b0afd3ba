/**
 * The folder of the class while somebody watches a request: the real one does everything, and the files that it reads
 * or changes are shown before and after. Of the keys and of rejoin codes only the length may be seen: from the hash of six
 * characters, a program finds them by trying all.
 */
import type {
  Archives,
  Awaitable,
  ClassChange,
  Classroom,
  Confidential,
  Decisions,
  LessonProgress,
  LessonReport,
  Progress,
  PupilChange,
} from "../contract.ts";
import { ABOUT_PUPILS } from "../files/paths.ts";
import type { ObservedFiles, WatchedFile } from "./observed-files.ts";
import { ObservedText } from "./observed-text.ts";

export class ObservedClassroom implements Classroom {
  readonly #classroom: Classroom;
  readonly #files: ObservedFiles;

  constructor(classroom: Classroom, files: ObservedFiles) {
    this.#classroom = classroom;
    this.#files = files;
  }

  async openKey(): Promise<Confidential> {
    this.#files.showRead({ path: this.#files.paths.classFile("keys.json"), isConfidential: true });
    return new ObservedText(await this.#classroom.openKey(), this.#files.witness);
  }

  openProjectorKey(): Awaitable<Confidential> {
    return this.#classroom.openProjectorKey();
  }

  get archives(): Archives {
    const { archives } = this.#classroom;
    const { paths } = this.#files;
    return {
      isChanging: archives.isChanging,
      openLabel: () => archives.openLabel(),
      list: () => archives.list(),
      state: (name) => archives.state(name),
      change: (next) => this.#changing([paths.classFile("label.dat"), paths.archiveOrder], () => archives.change(next)),
    };
  }

  decisions(): Awaitable<Decisions> {
    return this.#classroom.decisions();
  }

  openProgress(userId: number): Awaitable<Progress | undefined> {
    this.#files.showRead({ path: this.#files.paths.pupilFile("progress", userId), isConfidential: false });
    return this.#classroom.openProgress(userId);
  }

  /** For lists of all pupils, which do not show where each entry is from. */
  openAllProgress(): Awaitable<ReadonlyMap<number, Progress>> {
    return this.#classroom.openAllProgress();
  }

  keepProgress(userId: number, report: LessonReport): Promise<LessonProgress> {
    const { paths } = this.#files;
    return this.#changing([paths.pupilFile("progress", userId)], () => this.#classroom.keepProgress(userId, report));
  }

  setTeacher(userId: number | undefined): Promise<void> {
    const { paths } = this.#files;
    return this.#changing([paths.classFile("teacher.dat")], () => this.#classroom.setTeacher(userId));
  }

  change(change: ClassChange): Promise<void> {
    const { paths } = this.#files;
    const names = ["paused.json", "texts-shown.json", "board-shown.json", "lesson.dat"] as const;
    const files = names.map((name) => paths.classFile(name));
    return this.#changing(files, () => this.#classroom.change(change));
  }

  changePupil(userId: number, change: PupilChange): Promise<void> {
    const { paths } = this.#files;
    const files = (["muted", "hidden", "hands"] as const).map((about) => paths.pupilFile(about, userId));
    return this.#changing(files, () => this.#classroom.changePupil(userId, change));
  }

  forgetPupil(userId: number): Promise<void> {
    const files = ABOUT_PUPILS.map((about): WatchedFile => {
      return {
        path: this.#files.paths.pupilFile(about, userId),
        isConfidential: about === "codes" || about === "progress",
      };
    });
    return this.#files.showChanges(files, () => this.#classroom.forgetPupil(userId));
  }

  keepCode(userId: number, code: string, validUntil: string): Promise<void> {
    const { paths, witness } = this.#files;
    witness.conceal(code);
    const file = { path: paths.pupilFile("codes", userId), isConfidential: true };
    return this.#files.showChanges([file], () => this.#classroom.keepCode(userId, code, validUntil));
  }

  useCode(userId: number, code: string, now: number): Promise<boolean> {
    const { paths, witness } = this.#files;
    witness.conceal(code);
    const file = { path: paths.pupilFile("codes", userId), isConfidential: true };
    return this.#files.showChanges([file], () => this.#classroom.useCode(userId, code, now));
  }

  #changing<Result>(paths: string[], work: () => Promise<Result>): Promise<Result> {
    return this.#files.showChanges(
      paths.map((path): WatchedFile => ({ path, isConfidential: false })),
      work,
    );
  }
}
