/**
 * The classes that were put away, in a database. Each is a schema with all tables of plainchat, such as
 * `archive_2030-01-02T12-00-00Z`. table-classroom.ts makes one. The work is done in exchange-classes.ts; this decides how
 * often it is tried.
 */
import { setTimeout } from "node:timers/promises";
import { listedArchives } from "../../class/archive-list.ts";
import type { Archive, Archives } from "../../contract.ts";
import { isCode } from "../../error-code.ts";
import type { Database } from "../connection/database.ts";
import { saysLockedOut } from "../connection/database-errors.ts";
import type { PresentClass } from "../present-class.ts";
import { countIn, describeSchema, readArchives, schemaOf } from "./archive-schemas.ts";
import { exchangeClasses } from "./exchange-classes.ts";

/** For how long it is tried again. A client waits for ten seconds. */
const TRY_MILLISECONDS = 4000;
/** Less than PostgreSQL's deadlock_timeout, which is a second: see lockOthersOut(). */
const LOCK_MILLISECONDS = 300;
/** More than that. If autovacuum has the lock, PostgreSQL ends it only for somebody who waits that long. */
const LONG_LOCK_MILLISECONDS = 1500;
const PAUSE_MILLISECONDS = 100;

interface TableArchivesOptions {
  now: () => number;
  present: PresentClass;
  /** Called when an event was committed. */
  onEvent: () => void;
}

export class TableArchives implements Archives {
  readonly #database: Database;
  readonly #options: TableArchivesOptions;
  #isChanging = false;

  constructor(database: Database, options: TableArchivesOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Also when another server has done it, until this one has opened the database again. */
  get isChanging(): boolean {
    return this.#isChanging || this.#options.present.isOver;
  }

  async openLabel(): Promise<string | undefined> {
    const [row] = await this.#database.ask<{ label: string | null }[]>((sql) => sql`select label from class`);
    return row?.label ?? undefined;
  }

  async list(): Promise<Archive[]> {
    const archives = await readArchives(this.#database);
    return listedArchives(await Promise.all(archives.map((each) => this.#counted(each))));
  }

  /** "in use": somebody else has a lock on one of its tables, such as pg_dump. Autovacuum lets go when it must. */
  async state(archive: string): Promise<"closed" | "in use" | "not found"> {
    const [row] = await this.#database.ask<{ is_used: boolean }[]>(
      (sql) => sql`
        select exists (
          select from pg_locks join pg_stat_activity using (pid) join pg_class on pg_class.oid = relation
          where relnamespace = pg_namespace.oid and database = datid and backend_type = 'client backend'
        ) as is_used
        from pg_namespace
        where nspname = ${schemaOf(archive) ?? ""}
          and exists (select from pg_class where relnamespace = pg_namespace.oid and relname = 'users')`,
    );
    if (row === undefined) return "not found";
    return row.is_used ? "in use" : "closed";
  }

  async change({
    label,
    open,
  }: {
    label?: string | undefined;
    open?: string | undefined;
  }): Promise<string | undefined> {
    // Nothing may wait between the check of isChanging and this.
    this.#isChanging = true;
    try {
      const archive = await this.#exchange(label, open);
      // Nobody waits for a lock any more, so a large class may be counted now.
      if (archive !== undefined) await this.#keepCounts(archive);
      return archive;
    } catch (error) {
      this.#isChanging = false;
      throw error;
    } finally {
      this.#options.onEvent();
    }
  }

  async #exchange(label: string | undefined, open: string | undefined): Promise<string | undefined> {
    const { now, present } = this.#options;
    const deadline = performance.now() + TRY_MILLISECONDS;
    for (let tries = 1; ; tries++) {
      try {
        return await exchangeClasses(this.#database, {
          began: present.began,
          endedAt: new Date(now()).toISOString(),
          label,
          open,
          lockMilliseconds: tries % 3 === 0 ? LONG_LOCK_MILLISECONDS : LOCK_MILLISECONDS,
        });
      } catch (error) {
        if (!saysLockedOut(error) || performance.now() > deadline) throw error;
        // Not always the same: another server may be trying, too.
        await setTimeout(Math.random() * PAUSE_MILLISECONDS);
      }
    }
  }

  /** If this fails, the list counts each time. */
  async #keepCounts(archive: string): Promise<void> {
    try {
      const found = (await readArchives(this.#database)).find((each) => each.archive === archive);
      if (found === undefined) return;
      const { archive: _, ...about } = await this.#counted(found);
      await describeSchema(this.#database, schemaOf(archive) ?? "", about);
    } catch {
      // The class is put away, and that is what counts.
    }
  }

  async #counted(archive: Archive): Promise<Archive> {
    if (archive.userCount !== undefined && archive.messageCount !== undefined) return archive;
    try {
      return { ...archive, ...(await countIn(this.#database, schemaOf(archive.archive) ?? "")) };
    } catch (error) {
      // It was opened or removed at this moment.
      if (isCode(error, "42P01", "3F000")) return archive;
      throw error;
    }
  }
}
