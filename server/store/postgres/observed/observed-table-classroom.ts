/**
 * The class in the database while somebody watches a request: the real one does everything, and the rows that it reads
 * or changes are shown before and after. It is the counterpart of observed-classroom.ts. Of the keys and of rejoin codes
 * only the length may be seen. Events of the class are not shown: they look all alike, so nobody can tell which one is
 * of this request.
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
} from "../../contract.ts";
import { ObservedText } from "../../observed/observed-text.ts";
import type { ObservedRows } from "./observed-rows.ts";
import { CLASS_ROW, codeRow, KEYS_ROW, markRows, progressRow, rowsAbout, schemaRow } from "./watched-class-rows.ts";
import { SECRET_ROW } from "./watched-rows.ts";

export class ObservedTableClassroom implements Classroom {
  readonly #classroom: Classroom;
  readonly #rows: ObservedRows;

  constructor(classroom: Classroom, rows: ObservedRows) {
    this.#classroom = classroom;
    this.#rows = rows;
  }

  async openKey(): Promise<Confidential> {
    const key = await this.#classroom.openKey();
    await this.#rows.showRead(KEYS_ROW);
    return new ObservedText(key, this.#rows.witness);
  }

  openProjectorKey(): Awaitable<Confidential> {
    return this.#classroom.openProjectorKey();
  }

  get archives(): Archives {
    const { archives } = this.#classroom;
    return {
      isChanging: archives.isChanging,
      openLabel: async () => {
        const label = await archives.openLabel();
        await this.#rows.showRead(CLASS_ROW);
        return label;
      },
      list: async () => {
        const listed = await archives.list();
        await this.#rows.showList(listed.map(({ archive }) => schemaRow(archive)));
        return listed;
      },
      state: async (archive) => {
        const state = await archives.state(archive);
        await this.#rows.showRead(schemaRow(archive));
        return state;
      },
      change: (next) => this.#changeClasses(next),
    };
  }

  /** All tables of the class are others afterwards. These two have a row in every class. */
  async #changeClasses(next: Parameters<Archives["change"]>[0]): Promise<string | undefined> {
    const opened = next.open === undefined ? [] : [schemaRow(next.open)];
    const change = () => this.#classroom.archives.change(next);
    const archive = await this.#rows.showChanges([CLASS_ROW, SECRET_ROW, ...opened], change);
    if (archive === undefined) return undefined;
    const created = schemaRow(archive);
    this.#rows.showChange(created, null, await this.#rows.read(created));
    return archive;
  }

  decisions(): Awaitable<Decisions> {
    return this.#classroom.decisions();
  }

  async openProgress(userId: number): Promise<Progress | undefined> {
    const progress = await this.#classroom.openProgress(userId);
    await this.#rows.showRead(progressRow(userId));
    return progress;
  }

  openAllProgress(): Awaitable<ReadonlyMap<number, Progress>> {
    return this.#classroom.openAllProgress();
  }

  keepProgress(userId: number, report: LessonReport): Promise<LessonProgress> {
    return this.#rows.showChanges([progressRow(userId)], () => this.#classroom.keepProgress(userId, report));
  }

  setTeacher(userId: number | undefined): Promise<void> {
    return this.#rows.showChanges([CLASS_ROW], () => this.#classroom.setTeacher(userId));
  }

  change(change: ClassChange): Promise<void> {
    return this.#rows.showChanges([CLASS_ROW], () => this.#classroom.change(change));
  }

  changePupil(userId: number, change: PupilChange): Promise<void> {
    return this.#rows.showChanges(markRows(userId), () => this.#classroom.changePupil(userId, change));
  }

  forgetPupil(userId: number): Promise<void> {
    return this.#rows.showChanges(rowsAbout(userId), () => this.#classroom.forgetPupil(userId));
  }

  keepCode(userId: number, code: string, validUntil: string): Promise<void> {
    this.#rows.witness.conceal(code);
    return this.#rows.showChanges([codeRow(userId)], () => this.#classroom.keepCode(userId, code, validUntil));
  }

  useCode(userId: number, code: string, now: number): Promise<boolean> {
    this.#rows.witness.conceal(code);
    return this.#rows.showChanges([codeRow(userId)], () => this.#classroom.useCode(userId, code, now));
  }
}
