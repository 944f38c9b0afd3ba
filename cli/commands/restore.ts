/**
 * plainchat restore FILE: put a backup in the place of the data, while the server runs or not.
 */
import { stat } from "node:fs/promises";
import confirm from "@inquirer/confirm";
import type { Command } from "commander";
import { stageRestore } from "../../server/store/backup/restore.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { canAsk, count, examples, pathFrom, print } from "../context.ts";
import { addRootOption, becomeOwner, folderProblem, hasData, makeFolder, withFolder } from "../data-folder.ts";
import { ProgressLine } from "../progress.ts";

export function addRestore(program: Command): void {
  addRootOption(program.command("restore"))
    .summary("put a backup in the place of the data")
    .description(
      "Checks every line of a backup, and puts it in the place of the data folder. What was there is moved aside, into " +
        "before-restore-<time>, and never removed. A server that runs goes on with the backup at once.",
    )
    .argument("<file>", "what plainchat backup has written")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(
        ["restore monday.tar.gz", "into the folder ./data"],
        ["restore --root /srv/new monday.tar.gz", "into another one"],
      ),
    )
    .action(async (typed: string, { root, yes }: { root: string; yes?: true }, command: Command) => {
      const file = pathFrom(typed);
      await mustBeFile(file);
      const replaces = await hasData(root);
      if (replaces && yes !== true && !(await isMeant(root))) throw new CliError("Nothing was done", EXIT.usage);
      const progress = new ProgressLine("Unpacking");
      try {
        await makeFolder(root);
        await becomeOwner(root);
        const { users, lines, before } = await stageRestore(root, file, new Date(), (done, of) =>
          progress.show(done, of),
        );
        progress.end();
        await withFolder(root, "restore", async () => true);
        print(
          command,
          { root, users, lines, ...(replaces && { before }) },
          `${root} has ${count(users, "user")} and ${count(lines, "line")} of the journal now, all of them checked.${
            replaces ? ` What was there is in ${before}.` : ""
          }`,
        );
      } catch (error) {
        progress.end();
        throw folderProblem(error, root);
      }
    });
}

/** Before anything is asked or made. @throws {CliError} */
async function mustBeFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CliError(`There is no file ${path}`, EXIT.folder);
  if (!found.isFile()) throw new CliError(`${path} is a folder, and not a backup`, EXIT.folder);
}

function isMeant(root: string): Promise<boolean> {
  if (!canAsk())
    throw new CliError(`There are data in ${root}. If the backup is to take their place, add --yes`, EXIT.usage);
  return confirm(
    { message: `Put the backup in the place of the data in ${root}?`, default: false },
    { output: process.stderr },
  );
}
