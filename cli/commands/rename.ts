/**
 * plainchat rename HANDLE: take another handle, and on demand another token.
 */
import type { Command } from "commander";
import { examples, print, whoRuns } from "../context.ts";

export function addRename(program: Command): void {
  program
    .command("rename")
    .summary("take another handle")
    .description("Gives you another handle. What you sent before stays under the old one.")
    .argument("<handle>", "the name that you want, 3 to 64 characters")
    .option("--new-token", "take another token, too: the old one is void at once, on all your machines")
    .addHelpText(
      "after",
      examples(["rename lovelace", "another handle"], ["rename ada --new-token", "the same handle, another token"]),
    )
    .action(async (userHandle: string, { newToken }: { newToken?: true }, command: Command) => {
      const { client, identity, identities, name } = await whoRuns(command);
      await identities.mustBeWritable();
      const { userId, authToken } = await client.changeUser({ userHandle, rotateAuth: newToken });
      await identities.put(name, { ...identity, userHandle, myAuth: authToken });
      const kept = name === userHandle ? "" : ` On this machine you are still kept as "${name}".`;
      print(command, { userId, userHandle, identity: name }, `You are ${userHandle} now.${kept}`);
    });
}
