/**
 * The store in a database while somebody watches a request: everything is done by the real store, and a witness sees
 * which rows it read and changed. open-database.ts makes one for each request that is explained.
 */
import type { Classroom, Messages, Observed, Secret, Users, Witness } from "../../contract.ts";
import type { Database } from "../connection/database.ts";
import { ObservedEvents } from "./observed-events.ts";
import { ObservedRows } from "./observed-rows.ts";
import { ObservedTableClassroom } from "./observed-table-classroom.ts";
import { ObservedTableMessages } from "./observed-table-messages.ts";
import { ObservedDatabaseSecret, ObservedTableUsers } from "./observed-table-users.ts";

export function observedDatabase(
  {
    users,
    messages,
    secret,
    classroom,
  }: { users: Users; messages: Messages; secret: Secret; classroom: Classroom | undefined },
  database: Database,
  witness: Witness,
): Observed {
  const rows = new ObservedRows(database, witness);
  const events = new ObservedEvents(rows);
  return {
    users: new ObservedTableUsers(users, rows, events),
    messages: new ObservedTableMessages(messages, rows, events),
    secret: new ObservedDatabaseSecret(secret, rows),
    classroom: classroom && new ObservedTableClassroom(classroom, rows),
    showsRows: true,
  };
}
