/**
 * Opens the store in a database: connects, brings the tables to the newest form, and begins to listen for what other
 * servers do. It is the counterpart of open-store.ts, which opens a data folder.
 */
import type { Audience, ChatEvent } from "../contract.ts";
import type { Report } from "../report.ts";
import type { Store } from "../store.ts";
import { TableClassroom } from "./class/table-classroom.ts";
import { Database } from "./connection/database.ts";
import { asProblem } from "./connection/why-unusable.ts";
import { DatabaseSecret } from "./database-secret.ts";
import { EventFeed } from "./messages/event-feed.ts";
import { TableMessages } from "./messages/table-messages.ts";
import { migrate } from "./migrate.ts";
import { observedDatabase } from "./observed/observed-database.ts";
import { readPresentClass } from "./present-class.ts";
import { TableUsers } from "./table-users.ts";

export interface DatabaseStoreOptions {
  /** Such as `postgres://user:password@host:5432/database`. */
  address: string;
  /** The time, in milliseconds since 1970. */
  now: () => number;
  report: Report;
  /** Whether a database is refused whose settings may lose what it has committed: they are, if this is left out. */
  mustBeDurable?: boolean | undefined;
  onEvent: (event: ChatEvent) => void;
  /** Without it, every event is told. */
  audience?: Audience | undefined;
  /** Called when a user's token has ended: it was changed, or the user is gone. */
  onTokenEnd: (userId: number) => void;
  /** Whether the server is in class mode. */
  isClass?: boolean | undefined;
  /** Called when something has changed for the class. */
  onClassChange?: (() => void) | undefined;
  /** Called when another class has taken the place of this one: the database must be opened again. */
  onOtherClass?: (() => void) | undefined;
}

const EVERYBODY: Audience = { users: () => undefined, passOver: () => {} };

/** @throws {DatabaseProblem} if the database does not fit. */
export async function openDatabase(options: DatabaseStoreOptions): Promise<Store> {
  const { address, now, report, onEvent, onTokenEnd, isClass = false } = options;
  const { onClassChange = () => {}, onOtherClass = () => {}, audience = EVERYBODY, mustBeDurable } = options;
  const database = new Database(address, { report, mustBeDurable });
  try {
    await database.begin();
    await migrate(database.connection);
    const secret = new DatabaseSecret(database);
    const secretIsNew = await secret.create();
    if (isClass) await TableClassroom.prepare(database);
    const present = await readPresentClass(database);
    const feed = new EventFeed(database, {
      onEvent,
      audience,
      onTokenEnd,
      onClassChange,
      onOtherClass() {
        // Perhaps it was put away and opened again, and this server hears of both.
        if (!present.isOver) onOtherClass();
        present.isOver = true;
      },
      report,
    });
    const announce = () => feed.announce();
    const users = new TableUsers(database, present, announce);
    const messages = new TableMessages(database, { now, feed, present });
    const classroom = isClass ? new TableClassroom(database, { now, present, onEvent: announce }) : undefined;
    feed.begin(present.position);
    return {
      users,
      messages,
      secret,
      classroom,
      secretIsNew,
      folderTag: undefined,
      isShared: true,
      classTag: isClass ? (present.id ?? "") : "",
      observedBy: (witness) => observedDatabase({ users, messages, secret, classroom }, database, witness),
      troubles: () => ({ filesAside: 0, problems: [] }),
      async figures() {
        const [row] = await database.ask<{ users: number; messages: number; events: number }[]>(
          (sql) => sql`
            select (select count(*) from users) as users, (select count(*) from messages) as messages,
                   (select seq from head) as events`,
        );
        const { users = 0, messages = 0, events = 0 } = row ?? {};
        return { users, messages, events, mayLose: database.hasRisks };
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
