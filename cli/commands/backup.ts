/**
 * plainchat backup FILE: copy the data folder into one file, while the server runs or not.
 */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { writeBackup } from "../../server/store/backup/backup.ts";
import { isCode } from "../../server/store/files/durable-file.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { count, examples, pathFrom, print } from "../context.ts";
import { addRootOption, folderProblem } from "../data-folder.ts";
import { ProgressLine } from "../progress.ts";

export function addBackup(program: Command): void {
  addRootOption(program.command("backup"))
    .summary("copy all data into one file")
    .description("Copies the data folder, as it is at one moment, into a tar.gz. A server may run meanwhile, or not.")
    .argument("<file>", "where to; it must not exist yet")
    .addHelpText(
      "after",
      examples(
        ["backup monday.tar.gz", "the folder ./data"],
        ["backup --root /srv/chat /mnt/usb/chat.tar.gz", "another one"],
      ),
    )
    .action(async (typed: string, { root }: { root: string }, command: Command) => {
      const file = pathFrom(typed);
      await mustBeWritable(dirname(file));
      const progress = new ProgressLine("Copying");
      try {
        const { users, lines } = await writeBackup(root, file, (done, of) => progress.show(done, of));
        progress.end();
        const { size } = await stat(file);
        const text = `${file} has ${count(users, "user")} and ${count(lines, "line")} of the journal, in ${(size / 1024).toFixed(1)} KiB. Tokens and the class secret are in it: keep it safe.`;
        print(command, { file, users, lines, bytes: size }, text);
      } catch (error) {
        progress.end();
        throw folderProblem(error, root);
      }
    });
}

/** Before anything is read. @throws {CliError} */
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
