/**
 * Opens the store in a database: connects, brings the tables to the newest form, and begins to listen for what other
 * servers do. It is the counterpart of open-store.ts, which opens a data folder.
 */
import type { ChatEvent } from "../contract.ts";
import type { Report } from "../report.ts";
import type { Store } from "../store.ts";
import { Database } from "./database.ts";
import { DatabaseSecret } from "./database-secret.ts";
import { EventFeed } from "./event-feed.ts";
import { migrate } from "./migrate.ts";
import { observedDatabase } from "./observed/observed-database.ts";
import { TableClassroom } from "./table-classroom.ts";
import { TableMessages } from "./table-messages.ts";
import { TableUsers } from "./table-users.ts";
import { asProblem } from "./why-unusable.ts";

export interface DatabaseStoreOptions {
  /** Such as `postgres://user:password@host:5432/database`. */
  address: string;
  /** The time, in milliseconds since 1970. */
  now: () => number;
  report: Report;
  onEvent: (event: ChatEvent) => void;
  /** Called when a user's token has ended: it was changed, or the user is gone. */
  onTokenEnd: (userId: number) => void;
  /** Whether the server is in class mode. */
  isClass?: boolean | undefined;
  /** Called when something has changed for the class. */
  onClassChange?: (() => void) | undefined;
}

/** @throws {DatabaseProblem} if the database does not fit. */
export async function openDatabase(options: DatabaseStoreOptions): Promise<Store> {
  const { address, now, report, onEvent, onTokenEnd, onClassChange = () => {}, isClass = false } = options;
  const database = new Database(address, report);
  try {
    await database.begin();
    await migrate(database.connection);
    const feed = new EventFeed(database, { onEvent, onTokenEnd, onClassChange, report });
    const users = new TableUsers(database, () => feed.announce());
    const messages = new TableMessages(database, { now, feed });
    const secret = new DatabaseSecret(database);
    const secretIsNew = await secret.create();
    const announce = () => feed.announce();
    const { classroom, classTag } = isClass
      ? await TableClassroom.open(database, { now, onEvent: announce })
      : { classroom: undefined, classTag: "" };
    await feed.begin();
    return {
      users,
      messages,
      secret,
      classroom,
      secretIsNew,
      folderTag: undefined,
      isShared: true,
      classTag,
      observedBy: (witness) => observedDatabase({ users, messages, secret, classroom }, database, witness),
      troubles: () => ({ filesAside: 0, problems: [] }),
      async figures() {
        const [row] = await database.ask<{ users: number; messages: number; events: number }[]>(
          (sql) => sql`
            select (select count(*) from users) as users, (select count(*) from messages) as messages,
                   (select seq from head) as events`,
        );
        const { users = 0, messages = 0, events = 0 } = row ?? {};
        return { users, messages, events };
      },
      async close() {
        await feed.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw asProblem(error);
  }
}
