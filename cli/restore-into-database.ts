/**
 * `plainchat restore --store postgres://… FILE`. No server may be running on the database: its streams would go on after
 * events that are no longer there.
 */
import type { Command } from "commander";
import { hasDataIn, restoreDatabase } from "../server/store/move/database-backup.ts";
import { withoutPassword } from "../server/store/postgres/connection/database-address.ts";
import { count, print } from "./context.ts";
import { folderProblem } from "./data-folder.ts";
import { mustBeMeant } from "./must-be-meant.ts";
import { tell } from "./output.ts";
import { StepLine } from "./step-line.ts";

export async function restoreIntoDatabase(
  address: string,
  file: string,
  yes: boolean,
  command: Command,
): Promise<void> {
  const [store, line] = [withoutPassword(address), new StepLine()];
  try {
    if ((await hasDataIn(address)) && !yes) await mustBeMeant(store);
    const report = (_level: string, sentence: string) => tell(sentence);
    const { users, messages, before } = await restoreDatabase(address, file, new Date(), line.show, report);
    line.end();
    const sentences = [
      `${store} now has ${count(users, "user")} and ${count(messages, "message")}, all of them checked.`,
      ...(before === undefined ? [] : [`The old data is in the schema ${before} of this database.`]),
    ];
    print(command, { store, users, messages, before }, sentences.join(" "));
  } catch (error) {
    throw folderProblem(error, file);
  } finally {
    line.end();
  }
}
