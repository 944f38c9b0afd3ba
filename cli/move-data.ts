/**
 * `plainchat move --from data --to postgres://…`, and back: brings the data of a server from a folder into a database or
 * the other way round. The command `move` calls it if it gets these two options.
 */
import type { Command } from "commander";
import { LockedError } from "../server/store/files/lock.ts";
import { Paths } from "../server/store/files/paths.ts";
import { leftInFolder } from "../server/store/move/left-behind.ts";
import { type Moved, moveToDatabase } from "../server/store/move/move-to-database.ts";
import { moveToFolder } from "../server/store/move/move-to-folder.ts";
import {
  isDatabaseAddress,
  problemOfAddress,
  withoutPassword,
} from "../server/store/postgres/connection/database-address.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { count, pathFrom, print } from "./context.ts";
import { becomeOwner, folderProblem } from "./data-folder.ts";
import { tell } from "./output.ts";
import { StepLine } from "./step-line.ts";

export async function moveData(from: string, to: string, command: Command): Promise<void> {
  const [isFromDatabase, isToDatabase] = [isDatabaseAddress(from), isDatabaseAddress(to)];
  if (isFromDatabase && isToDatabase) {
    throw new CliError("To copy one database into another, use pg_dump and psql, or backup and restore", EXIT.usage);
  }
  if (!isFromDatabase && !isToDatabase) {
    throw new CliError(
      "One of --from and --to must be a database, such as postgres://host/plainchat. To copy a folder, use backup and restore",
      EXIT.usage,
    );
  }
  const problem = problemOfAddress(isToDatabase ? to : from);
  if (problem !== undefined) throw new CliError(problem, EXIT.usage);
  if (isToDatabase) await intoDatabase(pathFrom(from), to, command);
  else await intoFolder(from, pathFrom(to), command);
}

async function intoDatabase(root: string, address: string, command: Command): Promise<void> {
  const left = await leftInFolder(new Paths(root));
  if (left !== undefined) tell(left);
  const moved = await withLine(root, async (line) => {
    await becomeOwner(root);
    const report = (level: string, sentence: string) => level === "error" && tell(sentence);
    return moveToDatabase(root, address, report, line.show);
  });
  const store = withoutPassword(address);
  const text = `${store} now has ${inWords(moved)}, all of them checked. Start the server with --store from now on. The data in ${root} is unchanged: do not start a server on it again, because it would not know what happens in the database.`;
  print(command, { from: root, to: store, ...moved, left }, text);
}

async function intoFolder(address: string, root: string, command: Command): Promise<void> {
  let left: string | undefined;
  const moved = await withLine(root, (line) =>
    moveToFolder(address, root, line.show, (sentence) => {
      left = sentence;
      tell(sentence);
    }),
  );
  const store = withoutPassword(address);
  const text = `${root} now has ${inWords(moved)}, all of them checked. Start the server with --root from now on. The data in the database is unchanged: do not start a server on it again, because it would not know what happens in the folder.`;
  print(command, { from: store, to: root, ...moved, left }, text);
}

async function withLine(root: string, work: (line: StepLine) => Promise<Moved>): Promise<Moved> {
  const line = new StepLine();
  try {
    return await work(line);
  } catch (error) {
    line.end();
    if (error instanceof LockedError) throw new CliError(`A server is using ${root}. Stop it first`, EXIT.folder);
    throw folderProblem(error, root);
  } finally {
    line.end();
  }
}

function inWords({ users, messages }: Moved): string {
  return `${count(users, "user")} and ${count(messages, "message")}`;
}
