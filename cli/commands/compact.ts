/**
 * plainchat compact: removes deleted messages from the files now, without waiting up to an hour.
 */
import type { Command } from "commander";
import { examples, print } from "../context.ts";
import { addRootOption } from "../root-option.ts";
import { addStoreOption, storeOf } from "../store-option.ts";

export function addCompact(program: Command): void {
  addStoreOption(addRootOption(program.command("compact")))
    .summary("remove deleted messages from the files")
    .description(
      "Rewrites the journal files without the deleted messages. The server can keep running. A database does that by " +
        "itself.",
    )
    .addHelpText(
      "after",
      examples(["compact", "compact the folder ./data"], ["compact --root /srv/chat", "compact another folder"]),
    )
    .action(async ({ root }: { root: string }, command: Command) => {
      if (storeOf(command) !== undefined) {
        const text =
          "There is nothing to do: PostgreSQL removes deleted rows from its files by itself (autovacuum), in about a minute. " +
          "Its logs and backups may still have them.";
        return print(command, { store: "database" }, text);
      }
      const { bytesOf, folderProblem, withFolder } = await import("../data-folder.ts");
      try {
        const bytesBefore = await bytesOf(root);
        await withFolder(root, "compact", (store) => store.compaction.run("everything"));
        const bytesAfter = await bytesOf(root);
        print(
          command,
          { bytesBefore, bytesAfter },
          `The journal had ${kib(bytesBefore)} and now has ${kib(bytesAfter)}.`,
        );
      } catch (error) {
        throw folderProblem(error, root);
      }
    });
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
