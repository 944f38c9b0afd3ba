/**
 * What the teacher has decided, in the tables of migrations/2-class.sql. open-database.ts makes one in class mode. It
 * must not remember anything: every question goes to the database, so that all servers say the same at any moment.
 *
 * Every decision numbers an event `class` in its transaction. That is how the other servers hear of it, and tell their
 * streams and walls. A report of a pupil's progress and a rejoin code are no news for anybody, and number none.
 */
import type { PendingQuery, Row } from "postgres";
import { newKeys } from "../../class/class-keys.ts";
import type {
  ClassChange,
  Classroom,
  Confidential,
  Decisions,
  LessonProgress,
  LessonReport,
  Progress,
  PupilChange,
} from "../../contract.ts";
import { ConfidentialText } from "../../users/confidential-text.ts";
import { besideOthers, type Connection, type Database } from "../connection/database.ts";
import { nextEvent } from "../head.ts";
import { mustBePresent, type PresentClass } from "../present-class.ts";
import { SharedReads } from "../shared-reads.ts";
import { changeClass, makeClass, readDecisions } from "./class-row.ts";
import { forget, forgetAllButUsers, mark } from "./class-tables.ts";
import { TableArchives } from "./table-archives.ts";
import { TableCodes } from "./table-codes.ts";
import { TableProgress } from "./table-progress.ts";

interface KeysRow {
  teacher: string;
  projector: string;
}

interface TableClassroomOptions {
  now: () => number;
  present: PresentClass;
  /** Called when an event was committed: streams must hear of it. */
  onEvent: () => void;
}

/** Tells everybody that something has changed. One for all changes of a transaction is enough. */
const classEvent = (sql: Connection) => nextEvent(sql, { op: "class", fromId: 0, toId: 0 });

export class TableClassroom implements Classroom {
  readonly archives: TableArchives;
  readonly #database: Database;
  readonly #options: TableClassroomOptions;
  readonly #codes: TableCodes;
  readonly #progress: TableProgress;
  /** Requests of the same moment share a statement. */
  readonly #decisions: SharedReads<"class", Decisions>;
  readonly #keys: SharedReads<"keys", KeysRow>;

  constructor(database: Database, options: TableClassroomOptions) {
    this.#database = database;
    this.#options = options;
    this.archives = new TableArchives(database, options);
    this.#codes = new TableCodes(database, options.present);
    this.#progress = new TableProgress(database);
    this.#decisions = new SharedReads(async () => new Map([["class", await readDecisions(database, options.present)]]));
    this.#keys = new SharedReads(() => this.#readKeys());
  }

  /** What a start in class mode does: makes what is not there yet, and forgets pupils who have left. */
  static async prepare(database: Database): Promise<void> {
    const { teacher, projector } = newKeys();
    // Of several servers that start at the same moment, the first one makes the keys and the id.
    await database.inOneTrip((sql) => [
      sql`insert into class_keys (teacher, projector) values (${teacher}, ${projector}) on conflict do nothing`,
      makeClass(sql),
      ...forgetAllButUsers(sql),
    ]);
  }

  async openKey(): Promise<Confidential> {
    return new ConfidentialText((await this.#openKeys()).teacher);
  }

  async openProjectorKey(): Promise<Confidential> {
    return new ConfidentialText((await this.#openKeys()).projector);
  }

  async decisions(): Promise<Decisions> {
    if (this.#database.isInTransaction) return readDecisions(this.#database, this.#options.present);
    const decisions = await this.#decisions.read("class");
    if (decisions === undefined) throw new Error("Decisions are read or refused");
    return decisions;
  }

  setTeacher(userId: number | undefined): Promise<void> {
    return this.#decide((sql) => [sql`update class set teacher_id = ${userId ?? null}`]);
  }

  change(change: ClassChange): Promise<void> {
    return this.#decide((sql) => [changeClass(sql, change, this.#now(), this.#options.present.began)]);
  }

  changePupil(userId: number, { isMuted, isHidden, isHandUp }: PupilChange): Promise<void> {
    const marks = { muted: isMuted, hidden: isHidden, hands: isHandUp };
    return this.#decide((sql) =>
      (["muted", "hidden", "hands"] as const).flatMap((about) => {
        const isThere = marks[about];
        return isThere === undefined ? [] : [mark(sql, about, userId, isThere, this.#now())];
      }),
    );
  }

  openProgress(userId: number): Promise<Progress | undefined> {
    return this.#progress.open(userId);
  }

  openAllProgress(): Promise<ReadonlyMap<number, Progress>> {
    return this.#progress.openAll();
  }

  keepProgress(userId: number, report: LessonReport): Promise<LessonProgress> {
    return this.#progress.keep(userId, report, this.#now());
  }

  /** The operations call it in the transaction in which the user leaves. So both happen, or nothing. */
  forgetPupil(userId: number): Promise<void> {
    return this.#decide((sql) => forget(sql, userId));
  }

  keepCode(userId: number, code: string, validUntil: string): Promise<void> {
    return this.#codes.keep(userId, code, validUntil);
  }

  useCode(userId: number, code: string, now: number): Promise<boolean> {
    return this.#codes.use(userId, code, now);
  }

  /** Changes something and numbers the event that says so, both or neither. */
  async #decide(queries: (sql: Connection) => PendingQuery<Row[]>[]): Promise<void> {
    if (this.#database.isInTransaction) {
      await this.#database.inOneTrip(queries);
      this.#database.beforeCommit(classEvent);
    } else {
      await this.#database.inOneTrip((sql) => [besideOthers(sql), ...queries(sql), ...classEvent(sql)]);
      // Nobody in the next class has the id of this pupil, so nothing was changed there.
      await mustBePresent(this.#database, this.#options.present);
    }
    this.#options.onEvent();
  }

  #now(): string {
    return new Date(this.#options.now()).toISOString();
  }

  async #openKeys(): Promise<KeysRow> {
    const keys = this.#database.isInTransaction ? (await this.#readKeys()).get("keys") : await this.#keys.read("keys");
    if (keys === undefined) throw new Error("The table class_keys is empty. Start again: the server makes new keys");
    return keys;
  }

  async #readKeys(): Promise<Map<"keys", KeysRow>> {
    const rows = await this.#database.ask<KeysRow[]>((sql) => sql`select teacher, projector from class_keys`);
    return new Map(rows.map((row) => ["keys", row]));
  }
}
