/**
 * The connections to one host. The driver opens and shares them; this makes their sockets, so that it can also end them:
 * a connection over a cable that was pulled out would live for a quarter of an hour.
 *
 * A pool that has lost a connection is given up, and primary.ts makes another. The driver (postgres 3.4) keeps a list of
 * what waits for a connection, and what has failed in it stays there and takes the next connections, for ever.
 */
import { connect, Socket } from "node:net";
import postgres, { type Sql } from "postgres";
import { ofIpv6 } from "./database-address.ts";

export const CONNECT_SECONDS = 3;
/** How long a connection must be silent before the system asks whether the other end is still there. */
const KEEP_ALIVE_MILLISECONDS = 10_000;
/** How long what a given up pool has begun may still take. */
const RETIRE_SECONDS = 5;

/** PostgreSQL's own number of the type bigint. Our ids are at most 2^53 - 1, which a number can hold. */
export const BIGINT = { to: 20, from: [20], serialize: String, parse: Number };

/** PostgreSQL's own number of the type timestamptz. A time is a text here, as everywhere in the store. */
export const TIME = { to: 1184, from: [1184], serialize: (time: string) => time, parse: isoTimeOf };

/**
 * Lists: one for each column of a statement that writes many rows, and the ids in what a statement gives back. The
 * driver can learn from PostgreSQL how they are written, but if the connection is lost in that moment, nobody catches
 * the error and the process ends.
 */
const LISTS = {
  bigints: { to: 1016, from: [1016], serialize: listText, parse: numbersIn },
  texts: { to: 1009, from: [], serialize: listText, parse: String },
  times: { to: 1185, from: [], serialize: listText, parse: String },
};

/** By this name others find out that servers are connected, so nothing but a server may have it. */
export const SERVER_NAME = "plainchat";

/** How long a transaction may stand still: a server that was stopped in the middle must not hold its locks for ever. */
const IDLE_MILLISECONDS = 5000;

export type Connection = Sql<{ bigint: number }>;

interface PoolOptions {
  /** How many connections there may be. */
  max: number;
  /** What PostgreSQL calls them, in pg_stat_activity. */
  name: string;
  /** PostgreSQL gives up a statement that takes this long. */
  statementMilliseconds: number;
  /**
   * Whether each commit waits for the disk, and for the synchronous standby if there is one, whatever somebody sets
   * while the connection is open. Otherwise the settings of the database count.
   */
  commitsDurably?: boolean;
}

export class Pool {
  readonly sql: Connection;
  /** How many connections were lost or ended so far. */
  closings = 0;
  /** How many commits PostgreSQL has reported although no standby has confirmed them. */
  unconfirmed = 0;
  readonly #sockets = new Set<Socket>();
  #isDropped = false;

  /** @param address with one host. */
  constructor(address: string, { max, name, statementMilliseconds, commitsDurably = false }: PoolOptions) {
    const options = {
      max,
      connect_timeout: CONNECT_SECONDS,
      // Never by itself: a closing always means that something is wrong.
      max_lifetime: null,
      types: { bigint: BIGINT, time: TIME, ...LISTS },
      fetch_types: false,
      ...ofIpv6(address),
      socket: (driver: { path?: string; host: string[]; port: number[] }) => this.#open(driver),
      connection: {
        application_name: name,
        statement_timeout: statementMilliseconds,
        idle_in_transaction_session_timeout: IDLE_MILLISECONDS,
        ...(commitsDurably && { synchronous_commit: "on" }),
        // PostgreSQL would compile the statement that publishes, for seconds: it thinks that its lists are long.
        jit: "off",
      },
      onclose: () => {
        this.closings++;
      },
      // Somebody has cancelled a commit that waited for the standby (pg_cancel_backend). PostgreSQL then says that it
      // was committed, and adds this warning.
      onnotice: ({ routine }: { routine?: string }) => {
        if (routine === "SyncRepWaitForLSN") this.unconfirmed++;
      },
    };
    this.sql = postgres(address, options as object) as Connection;
  }

  /** Takes no more questions. What has begun may end. */
  async retire(): Promise<void> {
    await this.sql.end({ timeout: RETIRE_SECONDS });
    this.drop();
  }

  /**
   * Ends everything at once: whoever waits for an answer gets an error. What has not left this computer yet may still
   * arrive when the cable is plugged in again, so a change of unknown outcome may be carried out then. (Node's
   * resetAndDestroy() would prevent that, but after it a process of Node 24 sometimes cannot exit.)
   */
  drop(): void {
    this.#isDropped = true;
    void this.sql.end({ timeout: 0 });
    for (const socket of this.#sockets) socket.destroy();
  }

  #open({ path, host: [host = ""], port: [port = 0] }: { path?: string; host: string[]; port: number[] }): Socket {
    if (this.#isDropped) {
      const none = new Socket();
      // The driver listens for the error only after this has returned.
      setImmediate(() => none.destroy(Object.assign(new Error("The pool is gone"), { code: "CONNECTION_ENDED" })));
      return none;
    }
    const socket = path ? connect(path) : connect({ port, host });
    // For TLS, the driver wants to know whose certificate it must be.
    Object.assign(socket, { host });
    socket.setNoDelay(true);
    // An error may come before the driver listens for it. Nobody must hear of it, or the process would end.
    socket.on("error", () => {});
    socket.once("connect", () => socket.setKeepAlive(true, KEEP_ALIVE_MILLISECONDS));
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

/**
 * A time as PostgreSQL writes it, such as `2030-01-02 12:00:00.5+00`, in the form of docs/spec.md. Cutting the text is
 * five times as fast as making a Date of it, and a page has fifty of them.
 */
export function isoTimeOf(text: string): string {
  // PostgreSQL can have another time zone.
  if (text[10] !== " " || !text.endsWith("+00")) return new Date(text).toISOString();
  const milliseconds = text.slice(20, -3).slice(0, 3).padEnd(3, "0");
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
}

/** A list as PostgreSQL reads it: `{"one","two",NULL}`. */
function listText(values: readonly (string | number | null)[]): string {
  const each = values.map((value) => (value === null ? "NULL" : `"${String(value).replace(/["\\]/g, "\\$&")}"`));
  return `{${each.join(",")}}`;
}

/** The numbers in `{1,2}`, which is how PostgreSQL writes a list. */
function numbersIn(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
