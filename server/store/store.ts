/**
 * What the rest of the program gets of a store, whether its data are in files or in a database. open-store.ts and
 * postgres/open-database.ts make one.
 */
import type { Awaitable, Classroom, Messages, Observed, Secret, Users, Witness } from "./contract.ts";

export interface StoreFigures {
  users: number;
  messages: number;
  /** Events written: by the file store since the start, in a database ever. */
  events: number;
  /** Of the journal, which only the file store has. */
  journalFiles?: number;
  journalBytes?: number;
  /** Calls of fdatasync since the start. */
  syncs?: number;
  /** Whether the settings of its database may lose what was acknowledged. Only --not-durable allows that. */
  mayLose?: boolean;
}

/** What somebody has to look at, although the server serves everything that it can read. */
export interface StoreTroubles {
  /** How many damaged files are set aside, in messages/aside, users/aside and class/aside. */
  filesAside: number;
  /** Sentences for the person who runs the server. */
  problems: string[];
}

export interface Store {
  readonly users: Users;
  readonly messages: Messages;
  readonly secret: Secret & {
    /** The secret, or in a few words why it cannot be read. */
    read(): Awaitable<{ text: string } | { unreadable: string }>;
  };
  /** What the teacher has decided. Undefined if the server is not in class mode. */
  readonly classroom: Classroom | undefined;
  /** Whether this start has made the class secret. */
  readonly secretIsNew: boolean;
  /** Tells this data folder from every other one. Undefined for a database. */
  readonly folderTag: string | undefined;
  /** Whether other servers may use the same data. What this server has seen is not all that has happened then. */
  readonly isShared: boolean;
  /** Tells this class from every other one, for the wall. "" if the server is not in class mode. */
  readonly classTag: string;
  /** The same store for one request that is being explained: the witness sees what it does with which files. */
  observedBy(witness: Witness): Observed;
  troubles(): Awaitable<StoreTroubles>;
  /** What there is, for /metrics. */
  figures(): Awaitable<StoreFigures>;
  /** Makes durable what is waiting, and lets go of the folder or the database. */
  close(): Promise<void>;
}
