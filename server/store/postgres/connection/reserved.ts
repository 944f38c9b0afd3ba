/**
 * A connection that belongs to one piece of work until it is given back: a transaction needs that. database.ts makes
 * it. Once any connection of its pool was lost, it asks nothing more: the driver (postgres 3.4) would write to a socket
 * that is not there, and that ends the whole process.
 */
import type { PendingQuery, ReservedSql, Row } from "postgres";
import { codeOf } from "../../error-code.ts";
import { DatabaseAwayError } from "../../store-errors.ts";
import { isAnswer } from "./database-errors.ts";
import { within } from "./deadline.ts";
import type { Connection, Pool } from "./pool.ts";

export type Query = PendingQuery<readonly Row[] & Row[]>;

export class Reserved {
  readonly #pool: Pool;
  readonly #connection: ReservedSql;
  readonly #closings: number;

  /** Waits for a connection. */
  static async from(pool: Pool, milliseconds: number): Promise<Reserved> {
    return new Reserved(pool, await within(milliseconds, pool.sql.reserve()));
  }

  private constructor(pool: Pool, connection: ReservedSql) {
    this.#pool = pool;
    this.#connection = connection;
    this.#closings = pool.closings;
  }

  /** For questions that are sent one by one. @throws {DatabaseAwayError} if the connection is lost: nothing is sent. */
  get sql(): Connection {
    if (!this.isAlive) throw new DatabaseAwayError("The connection of the transaction is lost");
    return this.#connection as unknown as Connection;
  }

  /** False also when another connection was lost: the driver does not say which one it was. */
  get isAlive(): boolean {
    return this.#pool.closings === this.#closings;
  }

  /**
   * Sends all questions before the first answer has come. After a statement that fails, PostgreSQL refuses the rest.
   * @throws the first error that says why.
   */
  async together(queries: (sql: Connection) => Query[]): Promise<Row[][]> {
    const answers: Promise<readonly Row[]>[] = queries(this.sql).map((query) => query.execute());
    const refused: unknown[] = [];
    const rows: Row[][] = [];
    // A lost connection counts at once: the driver never says anything about the questions that it had still to send.
    await Promise.all(
      answers.map(async (answer, i) => {
        try {
          rows[i] = [...(await answer)];
        } catch (error) {
          if (!isAnswer(error)) throw error;
          refused.push(error);
        }
      }),
    );
    // 25P02: an earlier statement of this transaction has failed. That says nothing new.
    if (refused.length > 0) throw refused.find((error) => codeOf(error) !== "25P02") ?? refused[0];
    return rows;
  }

  /** For others to use. A connection that may be dead is not given back: its pool is given up. */
  release(): void {
    if (this.isAlive) this.#connection.release();
  }
}
