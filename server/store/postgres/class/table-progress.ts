/**
 * How far the pupils are in the course, in the table `class_progress`: one row for each pupil, with the same text as the
 * file of this pupil would have. A text that somebody has damaged by hand is like none.
 */
import { decodeProgress, encodeProgress, lessonIn, withReport } from "../../class/progress.ts";
import type { LessonProgress, LessonReport, Progress } from "../../contract.ts";
import type { Database } from "../connection/database.ts";

interface ProgressRow {
  user_id: number;
  progress: string;
}

export class TableProgress {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async open(userId: number): Promise<Progress | undefined> {
    const [row] = await this.#database.ask<ProgressRow[]>(
      (sql) => sql`select progress from class_progress where user_id = ${userId}`,
    );
    return row && decodeProgress(row.progress);
  }

  async openAll(): Promise<Map<number, Progress>> {
    const all = new Map<number, Progress>();
    const rows = await this.#database.ask<ProgressRow[]>((sql) => sql`select user_id, progress from class_progress`);
    for (const row of rows) {
      const progress = decodeProgress(row.progress);
      if (progress !== undefined) all.set(row.user_id, progress);
    }
    return all;
  }

  /** A report changes what the one before has left: so the reports of one pupil come one after the other. */
  keep(userId: number, report: LessonReport, now: string): Promise<LessonProgress> {
    return this.#database.transaction(userId, async () => {
      const before = await this.open(userId);
      const after = withReport(before, report, now);
      if (after !== before) await this.#write(userId, after);
      const entry = lessonIn(after, report.lesson);
      if (entry === undefined) throw new Error("A report must be in what it makes of the progress");
      return entry;
    });
  }

  /** The user's row is locked for the reason that mark() in class-tables.ts gives. */
  async #write(userId: number, progress: Progress): Promise<void> {
    await this.#database.change(
      (sql) => sql`
        insert into class_progress (user_id, progress)
        select user_id, ${encodeProgress(progress)} from users where user_id = ${userId} for key share
        on conflict (user_id) do update set progress = excluded.progress`,
    );
  }
}
