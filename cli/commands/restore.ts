/**
 * plainchat restore FILE: replaces the data with a backup, with or without a running server.
 */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { canAsk, count, examples, isMeant, pathFrom, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { ProgressLine } from "../progress.ts";
import { addRootOption } from "../root-option.ts";

export function addRestore(program: Command): void {
  addRootOption(program.command("restore"))
    .summary("replace the data with a backup")
    .description(
      "Checks every line of a backup, then replaces the data with it. The old data is moved into before-restore-<time> and " +
        "never deleted. The server can keep running: it uses the backup at once.",
    )
    .argument("<file>", `the file that ${LAUNCHER} backup wrote`)
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(
        ["restore monday.tar.gz", "restore the folder ./data"],
        ["restore --root /srv/new monday.tar.gz", "restore into another folder"],
      ),
    )
    .action(async (typed: string, { root, yes }: { root: string; yes?: true }, command: Command) => {
      const file = pathFrom(typed);
      await mustBeFile(file);
      const { becomeOwner, folderProblem, hasData, makeFolder, withFolder } = await import("../data-folder.ts");
      const { isRestoreWaiting, stageRestore } = await import("../../server/store/backup/restore.ts");
      const replaces = await hasData(root);
      if (replaces && yes !== true && !(await isReplacingMeant(root)))
        throw new CliError("Nothing was done", EXIT.usage);
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

function isReplacingMeant(root: string): Promise<boolean> {
  if (!canAsk()) throw new CliError(`There is data in ${root}. To replace it with the backup, add --yes`, EXIT.usage);
  return isMeant(`Replace the data in ${root} with the backup?`);
}
