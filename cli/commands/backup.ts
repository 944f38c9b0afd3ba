/**
 * plainchat backup FILE: copies the data folder, or the database, into one file, with or without a running server.
 */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { isCode } from "../../server/store/error-code.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { count, examples, pathFrom, print } from "../context.ts";
import { ProgressLine } from "../progress.ts";
import { addRootOption } from "../root-option.ts";
import { StepLine } from "../step-line.ts";
import { addStoreOption, storeOf } from "../store-option.ts";

export function addBackup(program: Command): void {
  addStoreOption(addRootOption(program.command("backup")))
    .summary("copy all data into one file")
    .description(
      "Copies the data folder or the database, as it is at one moment, into a tar.gz file. The server can keep running. " +
        "A backup of either can be restored into both.",
    )
    .argument("<file>", "the new file; it must not exist yet")
    .addHelpText(
      "after",
      examples(
        ["backup monday.tar.gz", "back up the folder ./data"],
        ["backup --root /srv/chat /mnt/usb/chat.tar.gz", "back up another folder"],
        ["backup --store postgres://host/chat chat.tar.gz", "back up a database"],
      ),
    )
    .action(async (typed: string, { root }: { root: string }, command: Command) => {
      const file = pathFrom(typed);
      await mustBeWritable(dirname(file));
      const address = storeOf(command);
      const { users, lines } = await (address === undefined ? ofFolder(root, file) : ofDatabase(address, file));
      const { size } = await stat(file);
      const text = `${file} has ${count(users, "user")} and ${count(lines, "journal line")}, in ${(size / 1024).toFixed(1)} KiB. It contains tokens and the class secret. Keep it safe.`;
      print(command, { file, users, lines, bytes: size }, text);
    });
}

interface Written {
  users: number;
  lines: number;
}

async function ofFolder(root: string, file: string): Promise<Written> {
  const { askToLook, folderProblem } = await import("../data-folder.ts");
  const { writeBackup } = await import("../../server/store/backup/backup.ts");
  const progress = new ProgressLine("Copying");
  try {
    // What somebody has taken away by hand a moment ago would be missing in the backup.
    await askToLook(root);
    return await writeBackup(root, file, (done, of) => progress.show(done, of));
  } catch (error) {
    throw folderProblem(error, root);
  } finally {
    progress.end();
  }
}

async function ofDatabase(address: string, file: string): Promise<Written> {
  if ((await stat(file).catch(() => undefined)) !== undefined) {
    throw new CliError(`${file} already exists. Choose another name`, EXIT.folder);
  }
  const { folderProblem } = await import("../data-folder.ts");
  const { backUpDatabase } = await import("../../server/store/move/database-backup.ts");
  const line = new StepLine();
  try {
    return await backUpDatabase(address, file, line.show);
  } catch (error) {
    throw folderProblem(error, dirname(file));
  } finally {
    line.end();
  }
}

/** Checks the folder before anything is read. @throws {CliError} */
async function mustBeWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new CliError(
      isCode(error, "ENOENT") ? `There is no folder ${folder}` : `You may not write to ${folder}`,
      EXIT.folder,
    );
  }
}
