/**
 * plainchat rename HANDLE: changes your handle, and your token too if you ask for it.
 */
import type { Command } from "commander";
import { examples, print } from "../context.ts";
import { whoRuns } from "../somebody.ts";

export function addRename(program: Command): void {
  program
    .command("rename")
    .summary("change your handle")
    .description("Changes your handle. Messages that you sent before keep the old one.")
    .argument("<handle>", "the name you want, 3 to 64 characters")
    .option("--new-token", "get a new token too; the old one stops working at once, on all your computers")
    .addHelpText(
      "after",
      examples(
        ["rename lovelace", "change the handle"],
        ["rename ada --new-token", "keep the handle, change the token"],
      ),
    )
    .action(async (userHandle: string, { newToken }: { newToken?: true }, command: Command) => {
      const { client, identity, identities, name } = await whoRuns(command);
      await identities.mustBeWritable();
      const { userId, authToken } = await client.changeUser({ userHandle, rotateAuth: newToken });
      await identities.put(name, { ...identity, userHandle, myAuth: authToken });
      const kept = name === userHandle ? "" : ` On this computer, your identity is still called \`${name}\`.`;
      print(command, { userId, userHandle, identity: name }, `You are now ${userHandle}.${kept}`);
    });
}
