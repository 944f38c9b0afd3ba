/**
 * The connections to PostgreSQL. The other files of this folder ask their questions through it. It knows three ways:
 *
 *     ask()           one statement, which is a transaction of its own
 *     inOneTrip()     a few statements as one transaction, sent together: PostgreSQL answers all of them at once
 *     transaction()   a transaction that lasts while an operation does several steps
 *
 * Within transaction(), the other two belong to it. So an operation uses the same users and messages as always, and
 * need not know that all its steps are committed together.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import postgres, { type PendingQuery, type ReservedSql, type Row, type Sql, type TransactionSql } from "postgres";
import { codeOf } from "../error-code.ts";
import { DatabaseAwayError, DiskFullError, UnknownOutcomeError } from "../store-errors.ts";
import { DatabaseProblem } from "./database-problem.ts";

/** How many connections a server has for its questions. One more listens for notifications. */
const CONNECTIONS = 10;
const CONNECT_SECONDS = 5;
/** How long to wait before connecting again, in seconds. A standby may be promoted at any moment. */
const RECONNECT_SECONDS = 0.25;
/** A statement takes milliseconds. One that takes this long waits for a server that has stopped in the middle. */
const STATEMENT_MILLISECONDS = 10_000;
const OLDEST_VERSION = 140_000;
/** By this name others find out that servers are connected, so nothing but a server may have it. */
export const SERVER_NAME = "plainchat";

/** PostgreSQL's own number of the type bigint. Our ids are at most 2^53 - 1, which a number can hold. */
const BIGINT = { to: 20, from: [20], serialize: String, parse: Number };

export type Connection = Sql<{ bigint: number }>;
type Query = PendingQuery<readonly Row[] & Row[]>;

interface Transaction {
  sql: TransactionSql<{ bigint: number }>;
  /** Work that was begun within the transaction may go on after it has ended, and asks outside of it then. */
  isOpen: boolean;
}

export class Database {
  readonly #sql: Connection;
  readonly #current = new AsyncLocalStorage<Transaction>();

  /**
   * @param address such as `postgres://user:password@host:5432/database`. Several hosts have commas between them.
   * @param name what PostgreSQL shows as the name of this program.
   */
  constructor(address: string, name: string = SERVER_NAME) {
    this.#sql = postgres(address, {
      max: CONNECTIONS,
      connect_timeout: CONNECT_SECONDS,
      backoff: () => RECONNECT_SECONDS,
      types: { bigint: BIGINT },
      // With several hosts, only the one that takes changes. A standby would refuse them.
      target_session_attrs: "read-write",
      connection: { application_name: name, statement_timeout: STATEMENT_MILLISECONDS },
      onnotice: () => {},
    });
  }

  /** For migrations and notifications. */
  get connection(): Connection {
    return this.#sql;
  }

  /** Whether this is called by the work of a transaction(). Then every question must go through its connection. */
  get isInTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** One statement. Within transaction(), it is a part of that. */
  async ask<Type extends readonly Row[] = Row[]>(
    query: (sql: Connection) => PendingQuery<Type>,
    isChange = false,
  ): Promise<Type> {
    const sql = (this.#transaction?.sql ?? this.#sql) as Connection;
    try {
      return await query(sql);
    } catch (error) {
      throw translated(error, isChange);
    }
  }

  /** One statement that changes something. If the connection is lost, nobody knows whether it did. */
  change<Type extends readonly Row[] = Row[]>(query: (sql: Connection) => PendingQuery<Type>): Promise<Type> {
    return this.ask(query, true);
  }

  /**
   * Several statements as one transaction, in one round trip. Each statement sees what others have committed before it
   * began: after a statement that waits for a lock, the next one sees everything up to the lock.
   * @returns the rows of each statement.
   */
  async inOneTrip(queries: (sql: Connection) => Query[]): Promise<Row[][]> {
    const outer = this.#transaction;
    if (outer !== undefined) return this.#together(queries(outer.sql as unknown as Connection));
    let reserved: ReservedSql<{ bigint: number }>;
    try {
      reserved = await this.#sql.reserve();
    } catch (error) {
      throw translated(error, false);
    }
    try {
      const connection = reserved as Connection;
      const all = [connection`begin`, ...queries(connection), connection`commit`] as Query[];
      const results = await this.#together(all);
      return results.slice(1, -1);
    } finally {
      reserved.release();
    }
  }

  /**
   * Runs `work` as one transaction: all of it counts, or nothing. Transactions under the same number run one after the
   * other, on all servers. If `work` throws, what it has done before still counts, as it would with files.
   */
  async transaction<Result>(number: number, work: () => Promise<Result>): Promise<Result> {
    if (this.#transaction !== undefined) return work();
    let thrown: { error: unknown } | undefined;
    let result: Result | undefined;
    try {
      await this.#sql.begin(async (sql) => {
        await sql`select pg_advisory_xact_lock(${number})`;
        const transaction = { sql, isOpen: true };
        try {
          result = await this.#current.run(transaction, work);
        } catch (error) {
          thrown = { error };
          // PostgreSQL has given up the transaction if one of its statements failed.
          if (error instanceof DatabaseAwayError || error instanceof UnknownOutcomeError) throw error;
        } finally {
          transaction.isOpen = false;
        }
      });
    } catch (error) {
      throw thrown?.error ?? translated(error, true);
    }
    if (thrown !== undefined) throw thrown.error;
    return result as Result;
  }

  /** @throws {DatabaseProblem} if the database does not fit. */
  async examine(): Promise<void> {
    const [row] = await this.#sql<{ version: number; commit: string; encoding: string }[]>`
      select current_setting('server_version_num')::integer as version,
             current_setting('synchronous_commit') as commit,
             current_setting('server_encoding') as encoding`;
    if (row === undefined) throw new DatabaseProblem("the database does not answer");
    if (row.version < OLDEST_VERSION) {
      throw new DatabaseProblem(
        `the database is PostgreSQL ${Math.floor(row.version / 10_000)}. It must be 14 or newer`,
      );
    }
    if (row.encoding !== "UTF8") {
      throw new DatabaseProblem(`the database keeps texts as ${row.encoding}. Create it with the encoding UTF8`);
    }
    if (row.commit === "off") {
      throw new DatabaseProblem(
        "synchronous_commit is off in the database, so a power cut could lose what the server has acknowledged. Switch it on",
      );
    }
  }

  close(): Promise<void> {
    return this.#sql.end({ timeout: 5 });
  }

  get #transaction(): Transaction | undefined {
    const transaction = this.#current.getStore();
    return transaction?.isOpen === true ? transaction : undefined;
  }

  /** Sends all queries before the first answer has come. @throws the first error that says why. */
  async #together(queries: Query[]): Promise<Row[][]> {
    const results = await Promise.allSettled(queries.map((query) => query.execute()));
    const failed = results.filter((result) => result.status === "rejected");
    // After an error, PostgreSQL refuses the rest of the transaction. Those errors say nothing new.
    const first = failed.find(({ reason }) => codeOf(reason) !== "25P02") ?? failed[0];
    if (first !== undefined) throw translated(first.reason, true);
    return results.map((result) => (result.status === "fulfilled" ? [...result.value] : []));
  }
}

/** The codes of PostgreSQL and of the driver which say that nothing was done, because nobody was there to do it. */
const NOBODY_THERE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "CONNECTION_ENDED",
  // The server is starting, stopping, full, or a standby that takes no changes.
  "57P03",
  "53300",
  "25006",
]);
/** The connection was lost in the middle. */
const LOST = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "08006",
  "08003",
]);
/** A statement waited too long and was given up, or lost against another one. Nothing was stored. */
const GIVEN_UP = new Set(["57014", "55P03", "40P01", "40001"]);

/** The error of the store for an error of the driver. */
function translated(error: unknown, isChange: boolean): unknown {
  const code = codeOf(error) ?? "";
  if (NOBODY_THERE.has(code) || GIVEN_UP.has(code))
    return new DatabaseAwayError(`The database: ${code}`, { cause: error });
  if (LOST.has(code)) {
    return isChange
      ? new UnknownOutcomeError(`The database: ${code}`, { cause: error })
      : new DatabaseAwayError(`The database: ${code}`, { cause: error });
  }
  if (code === "53100") return new DiskFullError("The database has no room", { cause: error });
  return error;
}
