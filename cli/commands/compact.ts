/**
 * plainchat compact: remove from the files what is deleted, now and not within the hour.
 */
import type { Command } from "commander";
import { examples, print } from "../context.ts";
import { addRootOption, bytesOf, withFolder } from "../data-folder.ts";

export function addCompact(program: Command): void {
  addRootOption(program.command("compact"))
    .summary("remove what is deleted from the files")
    .description("Writes the files of the journal anew without what is gone. A server may run meanwhile, or not.")
    .addHelpText("after", examples(["compact", "the folder ./data"], ["compact --root /srv/chat", "another one"]))
    .action(async ({ root }: { root: string }, command: Command) => {
      const before = await bytesOf(root);
      await withFolder(root, "compact", (store) => store.compaction.run("everything"));
      const after = await bytesOf(root);
      print(
        command,
        { bytesBefore: before, bytesAfter: after },
        `The journal had ${kib(before)}, and has ${kib(after)} now.`,
      );
    });
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
