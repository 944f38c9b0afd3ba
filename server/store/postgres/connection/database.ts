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
import type { PendingQuery, Row } from "postgres";
import type { Report } from "../../report.ts";
import { DatabaseAwayError, UnknownOutcomeError } from "../../store-errors.ts";
import { Commitment } from "./commitment.ts";
import { saysLost, translated } from "./database-errors.ts";
import { within } from "./deadline.ts";
import { mustFit } from "./must-fit.ts";
import type { Connection, Pool } from "./pool.ts";
import { Primary } from "./primary.ts";
import { type Query, Reserved } from "./reserved.ts";

export type { Connection } from "./pool.ts";

/** Any number that nothing else uses as a lock: migrate.ts has another one, and users' locks are their ids. */
export const STEPS_LOCK = -2;
/** Longer than PostgreSQL itself takes until it gives up a statement. */
const ANSWER_MILLISECONDS = 8000;

interface Transaction {
  reserved: Reserved;
  /** Work that was begun within the transaction may go on after it has ended, and asks outside of it then. */
  isOpen: boolean;
  /** What beforeCommit() was given. */
  last: Set<(sql: Connection) => Query[]>;
}

interface Listening {
  channel: string;
  /** Called for each notification, with its text. */
  onNotification: (text: string) => void;
  onNewConnection: () => void;
}

interface DatabaseOptions {
  report?: Report;
  /** Whether a database is refused that may lose what it has committed. */
  mustBeDurable?: boolean | undefined;
}

export class Database {
  readonly #primary: Primary;
  readonly #current = new AsyncLocalStorage<Transaction>();
  #listening: Listening | undefined;

  /** @param address such as `postgres://user:password@host:5432/database`. Several hosts have commas between them. */
  constructor(address: string, { report = () => {}, mustBeDurable = true }: DatabaseOptions = {}) {
    this.#primary = new Primary(address, { report, mustBeDurable, onPool: (pool) => this.#listenOn(pool) });
  }

  /** Whether its settings may lose what it has committed. That is so only if it need not be durable. */
  get hasRisks(): boolean {
    return this.#primary.hasRisks;
  }

  /** Connects. @throws {DatabaseProblem} if the database does not fit. */
  async begin(): Promise<void> {
    await this.#primary.begin();
    await mustFit(this.connection);
  }

  /** For what is done once, at the start. It may be another one a moment later. */
  get connection(): Connection {
    return this.#primary.pool.sql;
  }

  /** Whether this is called by the work of a transaction(). Then every question must go through its connection. */
  get isInTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /**
   * One statement. Within transaction(), it is a part of that, and if the connection is lost, nothing was done: the
   * COMMIT was not sent yet.
   */
  async ask<Type extends readonly Row[] = Row[]>(
    query: (sql: Connection) => PendingQuery<Type>,
    isChange = false,
  ): Promise<Type> {
    const transaction = this.#transaction;
    if (transaction !== undefined) return this.#translating(never, async () => query(transaction.reserved.sql));
    const { pool } = this.#primary;
    return this.#translating(
      () => isChange,
      () => confirmed(pool, isChange, async () => query(pool.sql)),
      pool,
    );
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
    const transaction = this.#transaction;
    if (transaction !== undefined) return this.#translating(never, () => transaction.reserved.together(queries));
    return this.#reserve(async (reserved, commitment) => {
      commitment.send();
      const results = await reserved.together((sql) => [begin(sql), ...queries(sql), commit(sql)]);
      return results.slice(1, -1);
    });
  }

  /**
   * Runs `work` as one transaction: all of it counts, or nothing. Transactions under the same number run one after the
   * other, on all servers. If `work` throws, what it has done before still counts, as it would with files.
   * @param isWhole if `work` throws, nothing counts.
   */
  async transaction<Result>(number: number, work: () => Promise<Result>, isWhole = false): Promise<Result> {
    if (this.#transaction !== undefined) return work();
    const outcome = await this.#reserve(async (reserved, commitment) => {
      await reserved.together((sql) => [begin(sql), sql`select pg_advisory_xact_lock(${number})`, besideOthers(sql)]);
      const transaction: Transaction = { reserved, isOpen: true, last: new Set() };
      let outcome: { result: Result } | { error: unknown };
      try {
        outcome = { result: await this.#current.run(transaction, work) };
      } catch (error) {
        outcome = { error };
      } finally {
        transaction.isOpen = false;
      }
      if ("error" in outcome && (isWhole || isAboutDatabase(outcome.error))) throw outcome.error;
      // What was changed before something was refused still counts, and so do these.
      for (const queries of transaction.last) await reserved.together(queries);
      commitment.send();
      const { command } = await commit(reserved.sql);
      // PostgreSQL has given up the transaction because one of its statements failed.
      if (command !== "COMMIT" && "result" in outcome) throw new Error("The work has hidden an error of the database");
      return outcome;
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.result;
  }

  /** Within transaction(), gives its connection to work that asks several questions by itself. */
  onConnection<Result>(work: (sql: Connection) => Promise<Result>): Promise<Result> {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new Error("Only a transaction has a connection for itself");
    return this.#translating(never, () => work(transaction.reserved.sql));
  }

  /**
   * Within transaction(), adds statements for its end. So a lock for which everybody waits, such as that of the table
   * head, is held for a moment, and not while the operation does its other steps. The same function counts once.
   */
  beforeCommit(queries: (sql: Connection) => Query[]): void {
    this.#transaction?.last.add(queries);
  }

  /** Listens for notifications, on whichever host is the primary. @returns what ends it. */
  listen(channel: string, onNotification: (text: string) => void, onNewConnection: () => void): () => void {
    this.#listening = { channel, onNotification, onNewConnection };
    this.#listenOn(this.#primary.pool);
    return () => {
      this.#listening = undefined;
    };
  }

  close(): Promise<void> {
    return this.#primary.close();
  }

  #listenOn(pool: Pool): void {
    if (this.#listening === undefined) return;
    const { channel, onNotification, onNewConnection } = this.#listening;
    pool.sql.listen(channel, onNotification, onNewConnection).catch(() => this.#primary.suspect(pool));
  }

  get #transaction(): Transaction | undefined {
    const transaction = this.#current.getStore();
    return transaction?.isOpen === true ? transaction : undefined;
  }

  /** Runs work that needs a connection for itself. If it throws, what it has not committed is rolled back. */
  async #reserve<Result>(work: (reserved: Reserved, commitment: Commitment) => Promise<Result>): Promise<Result> {
    const { pool } = this.#primary;
    const reserved = await this.#translating(never, () => Reserved.from(pool, ANSWER_MILLISECONDS), pool);
    const commitment = new Commitment();
    const andGiveBack = async () => {
      try {
        const result = await confirmed(pool, true, () => work(reserved, commitment));
        reserved.release();
        return result;
      } catch (error) {
        await this.#rollBack(reserved, pool, error);
        throw error;
      }
    };
    return this.#translating(() => commitment.end(), andGiveBack, pool);
  }

  async #rollBack(reserved: Reserved, pool: Pool, error: unknown): Promise<void> {
    const isLost = [error, causeOf(error)].some(saysLost) || error instanceof UnknownOutcomeError || !reserved.isAlive;
    try {
      if (isLost) throw error;
      await within(
        ANSWER_MILLISECONDS,
        reserved.together((sql) => [sql`rollback` as Query]),
      );
      reserved.release();
    } catch {
      this.#primary.suspect(pool);
    }
  }

  /**
   * Turns errors of the driver into errors of the store.
   * @param mayBeDone whether a change may count although no answer came. It is called once, at the error.
   * @param pool the one to suspect if the connection is lost.
   */
  async #translating<Result>(mayBeDone: () => boolean, work: () => Promise<Result>, pool?: Pool): Promise<Result> {
    try {
      return await within(ANSWER_MILLISECONDS, work());
    } catch (error) {
      if (pool !== undefined && saysLost(error)) this.#primary.suspect(pool);
      throw translated(error, mayBeDone());
    }
  }
}

/** Nothing counts before the commit. */
function never(): boolean {
  return false;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function begin(sql: Connection): Query {
  return sql`begin` as Query;
}

/**
 * All that use several tables of a class before they number an event have this lock at once, and whoever puts the class
 * away has it alone. So none of them has done half of it then, and holds something that the other one waits for.
 */
export function besideOthers(sql: Connection): Query {
  return sql`select pg_advisory_xact_lock_shared(${STEPS_LOCK})` as Query;
}

function commit(sql: Connection): Query {
  return sql`commit` as Query;
}

/** The transaction cannot go on. */
function isAboutDatabase(error: unknown): boolean {
  return error instanceof DatabaseAwayError || error instanceof UnknownOutcomeError;
}

/**
 * Looks whether PostgreSQL has reported in the meantime a commit that no standby has confirmed: perhaps it was this one,
 * or what was read is of it.
 * @throws {UnknownOutcomeError | DatabaseAwayError}
 */
async function confirmed<Result>(pool: Pool, isChange: boolean, work: () => Promise<Result>): Promise<Result> {
  const before = pool.unconfirmed;
  const result = await work();
  if (pool.unconfirmed === before) return result;
  const sentence = "The standby has not confirmed a commit";
  throw isChange ? new UnknownOutcomeError(sentence) : new DatabaseAwayError(sentence);
}
