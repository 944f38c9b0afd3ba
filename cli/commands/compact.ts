/**
 * plainchat compact: remove from the files what is deleted, now and not within the hour.
 */
import type { Command } from "commander";
import { examples, print } from "../context.ts";
import { addRootOption, bytesOf, folderProblem, withFolder } from "../data-folder.ts";

export function addCompact(program: Command): void {
  addRootOption(program.command("compact"))
    .summary("remove what is deleted from the files")
    .description("Writes the files of the journal anew without what is gone. A server may run meanwhile, or not.")
    .addHelpText("after", examples(["compact", "the folder ./data"], ["compact --root /srv/chat", "another one"]))
    .action(async ({ root }: { root: string }, command: Command) => {
      try {
        const bytesBefore = await bytesOf(root);
        await withFolder(root, "compact", (store) => store.compaction.run("everything"));
        const bytesAfter = await bytesOf(root);
        print(
          command,
          { bytesBefore, bytesAfter },
          `The journal had ${kib(bytesBefore)}, and has ${kib(bytesAfter)} now.`,
        );
      } catch (error) {
        throw folderProblem(error, root);
      }
    });
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
