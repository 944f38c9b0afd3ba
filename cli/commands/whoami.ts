/**
 * plainchat whoami: who one is on this machine, and whether the server still knows it.
 */
import type { Command } from "commander";
import { examples, print, whoRuns } from "../context.ts";

export function addWhoami(program: Command): void {
  program
    .command("whoami")
    .summary("say who you are")
    .description("Says who you are, at which server, and who else you are on this machine.")
    .addHelpText("after", examples(["whoami", "who am I?"], ["whoami --as second", "who is my second identity?"]))
    .action(async (_options: object, command: Command) => {
      const { name, identity, identities, client } = await whoRuns(command);
      const { url, userHandle, myId } = identity;
      await client.listUsers({ limit: 1 });
      const others = identities.names.filter((each) => each !== name);
      const alsoHere = others.length === 0 ? "" : `\nAlso on this machine: ${others.join(", ")} (choose with --as)`;
      print(
        command,
        { userId: myId, userHandle, url, identity: name, others },
        `You are ${userHandle}, user ${myId}, at ${url}.${alsoHere}`,
      );
    });
}
