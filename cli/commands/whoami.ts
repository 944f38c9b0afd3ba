/**
 * plainchat whoami: shows who you are on this computer, after asking the server whether it still knows you.
 */
import type { Command } from "commander";
import { examples, print } from "../context.ts";
import { listed } from "../identities.ts";
import { whoRuns } from "../somebody.ts";

export function addWhoami(program: Command): void {
  program
    .command("whoami")
    .summary("show who you are")
    .description("Shows who you are, on which server, and your other identities on this computer.")
    .addHelpText("after", examples(["whoami", "show who I am"], ["whoami --as second", "show my second identity"]))
    .action(async (_options: object, command: Command) => {
      const { name, identity, identities, client } = await whoRuns(command);
      const { url, userHandle, myId } = identity;
      await client.listUsers({ limit: 1 });
      const others = identities.names.filter((each) => each !== name);
      const alsoHere =
        others.length === 0 ? "" : `\nYour other identities on this computer: ${listed(others)} (use --as to switch)`;
      print(
        command,
        { userId: myId, userHandle, url, identity: name, others },
        `You are ${userHandle}, user ${myId}, at ${url}.${alsoHere}`,
      );
    });
}
