/**
 * Reads rows for somebody who watches a request, before and after, as observed-files.ts reads files. In a transaction it
 * asks on the connection of that transaction: so it sees what the request has changed and nobody else can see yet.
 * Without a witness nothing here runs.
 */
import type { PendingQuery, Row } from "postgres";
import { EXCERPT_BYTES, type Excerpt, type FileTouch, type Witness } from "../../contract.ts";
import type { Connection, Database } from "../connection/database.ts";

/** How a row is shown. */
interface ShownRow {
  /** The table and the key, such as `users row 1`. For a table with only one row, the table. */
  path: string;
  /** The columns with a token, a key or the class secret: only their lengths may be seen. */
  confidential?: readonly string[];
}

/** A row that a request may change or read. */
export interface WatchedRow extends ShownRow {
  select: (sql: Connection) => PendingQuery<Row[]>;
}

/** Null if there is no such row. Undefined if it could not be read. */
export type Found = Row | null | undefined;

export class ObservedRows {
  readonly witness: Witness;
  readonly #database: Database;

  constructor(database: Database, witness: Witness) {
    this.#database = database;
    this.witness = witness;
  }

  /** Shows a row that is only read. */
  async showRead(row: WatchedRow): Promise<void> {
    const found = await this.read(row);
    this.show(row, found === null ? "looked for" : "read", found, found);
  }

  /** Shows the first rows of a list, until 4 KiB are shown. A row that somebody has removed since is left out. */
  async showList(rows: WatchedRow[]): Promise<void> {
    let room = EXCERPT_BYTES;
    for (const row of rows) {
      if (room <= 0) return;
      const found = await this.read(row);
      if (!found) continue;
      this.show(row, "read", found, found);
      room -= excerptOf(found, row).bytes;
    }
  }

  /** Does `work`, and shows which of these rows it changed. A statement that fails has changed none. */
  async showChanges<Result>(rows: WatchedRow[], work: () => Promise<Result>): Promise<Result> {
    const before: Found[] = [];
    for (const row of rows) before.push(await this.read(row));
    const result = await work();
    for (const [i, row] of rows.entries()) this.showChange(row, before[i], await this.read(row));
    return result;
  }

  /** Shows what a row was and is. An unchanged row is not shown. */
  showChange(row: WatchedRow, before: Found, after: Found): void {
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    this.show(row, before === null ? "created" : after === null ? "removed" : "changed", before, after);
  }

  show(row: ShownRow, did: FileTouch["did"], before: Found, after: Found): void {
    // Half of a change would be a wrong story.
    if (before === undefined || after === undefined) return;
    this.witness.touched({
      path: row.path,
      did,
      before: before && excerptOf(before, row),
      after: after && excerptOf(after, row),
    });
  }

  /**
   * Reads a row for the witness. The time for it is not counted as the request's, and if it fails, the row is not shown:
   * the request must not fail because somebody watches. In a transaction it must, and at once: PostgreSQL has given up
   * the whole transaction.
   */
  async read({ select }: Pick<WatchedRow, "select">): Promise<Found> {
    this.witness.pause();
    try {
      const [row] = await this.#database.ask(select);
      return row ?? null;
    } catch (error) {
      if (this.#database.isInTransaction) throw error;
      return undefined;
    } finally {
      this.witness.resume();
    }
  }
}

function excerptOf(row: Row, { confidential = [] }: ShownRow): Excerpt {
  // An empty column says nothing, and most rows of `events` have many.
  const columns = Object.entries(row).filter(([, value]) => value !== null);
  const shown = columns.map(([name, value]) => [name, confidential.includes(name) ? coverFor(String(value)) : value]);
  const text = JSON.stringify(Object.fromEntries(shown));
  return { bytes: Buffer.byteLength(text), from: 0, text };
}

function coverFor(text: string): string {
  return `(${[...text].length} characters, not shown)`;
}
