/**
 * The connections of this server to PostgreSQL. database.ts borrows them. When one of them is lost, or no answer comes in
 * time, all of them are given up and new ones take their place: after such an end the driver must not be used again. It
 * would send the next statement to a connection that is gone, or outside of the transaction that it belongs to.
 */
import postgres, { type Sql } from "postgres";
import { isLost, NO_ANSWER } from "./database-errors.ts";

/** How many connections a server has for its questions. One more listens for notifications. */
const CONNECTIONS = 10;
const CONNECT_SECONDS = 3;
/** How long to wait before connecting again, in seconds. A standby may be promoted at any moment. */
const RECONNECT_SECONDS = 0.25;
/** A statement takes milliseconds. One that takes this long waits for a server that has stopped in the middle. */
const STATEMENT_MILLISECONDS = 5_000;
/** A server that stops in the middle of a transaction holds its locks for no longer than this. */
const IDLE_MILLISECONDS = 5_000;
/** After this long without an answer, nobody is there: the network is cut, or the machine stands still. */
const ANSWER_MILLISECONDS = 6_000;
/** How long a silent connection is trusted, in seconds. */
const KEEP_ALIVE_SECONDS = 10;

/** PostgreSQL's own number of the type bigint. Our ids are at most 2^53 - 1, which a number can hold. */
const BIGINT = { to: 20, from: [20], serialize: String, parse: Number };

export type Connection = Sql<{ bigint: number }>;

class NoAnswer extends Error {
  readonly code = NO_ANSWER;
}

export class Connections {
  readonly #address: string;
  readonly #name: string;
  #sql: Connection;

  /**
   * @param address such as `postgres://user:password@host:5432/database`. Several hosts have commas between them.
   * @param name what PostgreSQL shows as the name of this program.
   */
  constructor(address: string, name: string) {
    this.#address = address;
    this.#name = name;
    this.#sql = this.#connect(CONNECTIONS);
  }

  get current(): Connection {
    return this.#sql;
  }

  /** Does some work, which must end in time. */
  async use<Result>(work: (sql: Connection) => Promise<Result>): Promise<Result> {
    const sql = this.#sql;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NoAnswer("The database does not answer")), ANSWER_MILLISECONDS);
    });
    try {
      return await Promise.race([work(sql), silence]);
    } catch (error) {
      if (isLost(error)) this.#replace(sql);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Listens on a connection of its own, which comes back by itself. @returns what ends it. */
  async listen(channel: string, hear: () => void): Promise<() => Promise<void>> {
    const sql = this.#connect(1);
    const end = () => sql.end({ timeout: 0 });
    try {
      await this.use(() => sql.listen(channel, hear));
    } catch (error) {
      await end();
      throw error;
    }
    return end;
  }

  close(): Promise<void> {
    return this.#sql.end({ timeout: 5 });
  }

  /** Everybody who still waits for one of the old connections gets an error. */
  #replace(lost: Connection): void {
    if (this.#sql !== lost) return;
    this.#sql = this.#connect(CONNECTIONS);
    void lost.end({ timeout: 0 });
  }

  #connect(max: number): Connection {
    return postgres(this.#address, {
      max,
      connect_timeout: CONNECT_SECONDS,
      backoff: () => RECONNECT_SECONDS,
      keep_alive: KEEP_ALIVE_SECONDS,
      types: { bigint: BIGINT },
      // With several hosts, only the one that takes changes. A standby would refuse them.
      target_session_attrs: "read-write",
      connection: {
        application_name: this.#name,
        // PostgreSQL would compile the statement that publishes, for seconds: it thinks that its lists are long.
        jit: "off",
        statement_timeout: STATEMENT_MILLISECONDS,
        idle_in_transaction_session_timeout: IDLE_MILLISECONDS,
      },
      onnotice: () => {},
    });
  }
}
