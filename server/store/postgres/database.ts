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
import type { PendingQuery, Row, TransactionSql } from "postgres";
import { codeOf } from "../error-code.ts";
import { DatabaseAwayError, UnknownOutcomeError } from "../store-errors.ts";
import { type Connection, Connections } from "./connections.ts";
import { isLost, translated } from "./database-errors.ts";
import { DatabaseProblem } from "./database-problem.ts";

export type { Connection } from "./connections.ts";

const OLDEST_VERSION = 140_000;
/** By this name others find out that servers are connected, so nothing but a server may have it. */
export const SERVER_NAME = "plainchat";

type Query = PendingQuery<readonly Row[] & Row[]>;

interface Transaction {
  sql: TransactionSql<{ bigint: number }>;
  /**
   * Work that was begun within the transaction may go on after it has ended, and asks outside of it then. If it was lost
   * together with its connection, the rest of the work must not count alone.
   */
  state: "open" | "ended" | "lost";
  /** What beforeCommit() was given. */
  last: Set<(sql: Connection) => Query[]>;
}

export class Database {
  readonly #connections: Connections;
  readonly #current = new AsyncLocalStorage<Transaction>();

  /**
   * @param address such as `postgres://user:password@host:5432/database`. Several hosts have commas between them.
   * @param name what PostgreSQL shows as the name of this program.
   */
  constructor(address: string, name: string = SERVER_NAME) {
    this.#connections = new Connections(address, name);
  }

  /** For migrations. */
  get connection(): Connection {
    return this.#connections.current;
  }

  /** Calls `hear` for each notification. @returns what ends that. */
  listen(channel: string, hear: () => void): Promise<() => Promise<void>> {
    return this.#connections.listen(channel, hear);
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
    const transaction = this.#transaction;
    try {
      return transaction === undefined ? await this.#connections.use(query) : await this.#within(transaction, query);
    } catch (error) {
      // Without its commit, a lost transaction has changed nothing.
      throw translated(error, isChange && transaction === undefined);
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
    try {
      if (outer !== undefined) return await this.#within(outer, (sql) => together(queries(sql)));
      return await this.#connections.use(async (sql) => {
        const reserved = await sql.reserve();
        let isUsable = sql === this.#connections.current;
        try {
          if (!isUsable) throw new DatabaseAwayError("The connections were given up meanwhile");
          const all = [reserved`begin`, ...queries(reserved as Connection), reserved`commit`] as Query[];
          return (await together(all)).slice(1, -1);
        } catch (error) {
          isUsable &&= !isLost(error);
          throw error;
        } finally {
          // The driver would use it again, even if it is gone, and end with a TypeError.
          if (isUsable) reserved.release();
        }
      });
    } catch (error) {
      throw translated(error, outer === undefined);
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
    let transaction: Transaction | undefined;
    const begin = async (sql: TransactionSql<{ bigint: number }>) => {
      const begun: Transaction = { sql, state: "open", last: new Set() };
      transaction = begun;
      try {
        await this.#within(begun, () => sql`select pg_advisory_xact_lock(${number})`);
        result = await this.#current.run(begun, work);
      } catch (error) {
        thrown = { error };
      }
      // What was changed before something was refused still counts, and so do these.
      const isSound = !(thrown?.error instanceof DatabaseAwayError || thrown?.error instanceof UnknownOutcomeError);
      if (isSound && begun.state === "open") await this.#addLast(begun);
      // The driver would send a commit or a rollback to a connection that is gone, or that others use by now.
      if (begun.state === "lost") return new Promise<never>(() => {});
      begun.state = "ended";
      // PostgreSQL has given up the transaction if one of its statements failed.
      const error = thrown?.error;
      if (error instanceof DatabaseAwayError || error instanceof UnknownOutcomeError) throw error;
      return undefined;
    };
    try {
      await this.#connections.use((sql) => sql.begin(begin));
    } catch (error) {
      if (transaction?.state === "ended") throw isLost(error) ? translated(error, true) : (thrown?.error ?? error);
      if (transaction !== undefined) transaction.state = "lost";
      throw translated(thrown?.error ?? error, false);
    }
    if (thrown !== undefined) throw thrown.error;
    return result as Result;
  }

  /**
   * Within transaction(), adds statements for its end. So a lock for which everybody waits, such as that of the table
   * head, is held for a moment, and not while the operation does its other steps. The same function counts once.
   */
  beforeCommit(queries: (sql: Connection) => Query[]): void {
    this.#transaction?.last.add(queries);
  }

  /** @throws {DatabaseProblem} if the database does not fit. */
  async examine(): Promise<void> {
    const [row] = await this.connection<{ version: number; commit: string; encoding: string }[]>`
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
    return this.#connections.close();
  }

  async #addLast(transaction: Transaction): Promise<void> {
    for (const queries of transaction.last) await this.#within(transaction, (sql) => together(queries(sql)));
  }

  get #transaction(): Transaction | undefined {
    const transaction = this.#current.getStore();
    return transaction?.state === "ended" ? undefined : transaction;
  }

  /** Asks within a transaction. */
  async #within<Answer>(transaction: Transaction, query: (sql: Connection) => PromiseLike<Answer>): Promise<Answer> {
    if (transaction.state === "lost") throw new DatabaseAwayError("The transaction was lost with its connection");
    try {
      return await query(transaction.sql as unknown as Connection);
    } catch (error) {
      if (isLost(error)) transaction.state = "lost";
      throw error;
    }
  }
}

/**
 * Sends all queries before the first answer has come. @throws the first error that says why. When the connection is lost,
 * the driver forgets those that it has not sent yet: nobody waits for them.
 */
async function together(queries: Query[]): Promise<Row[][]> {
  const answers = queries.map((query) => query.execute());
  const lost = new Promise<never>((_, reject) => {
    for (const answer of answers) answer.catch((error) => isLost(error) && reject(error));
  });
  const results = await Promise.race([Promise.allSettled(answers), lost]);
  const failed = results.filter((result) => result.status === "rejected");
  // After an error, PostgreSQL refuses the rest of the transaction. Those errors say nothing new.
  const first = failed.find(({ reason }) => codeOf(reason) !== "25P02") ?? failed[0];
  if (first !== undefined) throw first.reason;
  return results.map((result) => (result.status === "fulfilled" ? [...result.value] : []));
}
