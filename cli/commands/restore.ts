/**
 * plainchat restore FILE: replaces the data with a backup: those of a folder, with or without a running server, or those
 * of a database on which no server runs.
 */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { count, examples, pathFrom, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { mustBeMeant } from "../must-be-meant.ts";
import { ProgressLine } from "../progress.ts";
import { addRootOption } from "../root-option.ts";
import { addStoreOption, storeOf } from "../store-option.ts";

export function addRestore(program: Command): void {
  addStoreOption(addRootOption(program.command("restore")))
    .summary("replace the data with a backup")
    .description(
      "Checks every line of a backup, then replaces the data with it. The old data is moved into before-restore-<time> and " +
        "never deleted. The server can keep running: it uses the backup at once. With --store, stop all servers first; " +
        "the old data is moved into a schema of the database.",
    )
    .argument("<file>", `the file that ${LAUNCHER} backup wrote`)
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(
        ["restore monday.tar.gz", "restore the folder ./data"],
        ["restore --root /srv/new monday.tar.gz", "restore into another folder"],
        ["restore --store postgres://host/chat monday.tar.gz", "restore into a database"],
      ),
    )
    .action(async (typed: string, { root, yes }: { root: string; yes?: true }, command: Command) => {
      const file = pathFrom(typed);
      await mustBeFile(file);
      const address = storeOf(command);
      if (address !== undefined) {
        const { restoreIntoDatabase } = await import("../restore-into-database.ts");
        return restoreIntoDatabase(address, file, yes === true, command);
      }
      const { becomeOwner, folderProblem, hasData, makeFolder, withFolder } = await import("../data-folder.ts");
      const { isRestoreWaiting, stageRestore } = await import("../../server/store/backup/restore.ts");
      const replaces = await hasData(root);
      if (replaces && yes !== true) await mustBeMeant(root);
      const progress = new ProgressLine("Unpacking");
      let removeFolder: (() => Promise<void>) | undefined;
      try {
        removeFolder = await makeFolder(root);
        await becomeOwner(root);
        const { users, lines, before } = await stageRestore(root, file, new Date(), (done, of) =>
          progress.show(done, of),
        );
        progress.end();
        // A server that was just starting may have opened the folder before the backup was there. Then it must be asked
        // again.
        do await withFolder(root, "restore", async () => true);
        while (await isRestoreWaiting(root));
        print(
          command,
          { root, users, lines, ...(replaces && { before }) },
          `${root} now has ${count(users, "user")} and ${count(lines, "journal line")}, all of them checked.${
            replaces ? ` The old data is in ${before}.` : ""
          }`,
        );
      } catch (error) {
        progress.end();
        await removeFolder?.();
        throw folderProblem(error, root);
      }
    });
}

/** Checks the file before it asks or changes anything. @throws {CliError} */
async function mustBeFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CliError(`There is no file ${path}`, EXIT.folder);
  if (!found.isFile()) throw new CliError(`${path} is a folder, not a backup`, EXIT.folder);
}
