/**
 * plainchat leave: removes you from the server for ever.
 */
import type { Command } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { canAsk, examples, isMeant, print } from "../context.ts";
import { whoRuns } from "../somebody.ts";

export function addLeave(program: Command): void {
  program
    .command("leave")
    .summary("leave the server for ever")
    .description(
      "Removes you from the server. Your token stops working, your queue is deleted and your handle is free. You cannot undo this.",
    )
    .option("--yes", "do not ask")
    .addHelpText("after", examples(["leave", "ask first"], ["leave --as second --yes", "do not ask"]))
    .action(async ({ yes }: { yes?: true }, command: Command) => {
      const { client, identity, identities, name } = await whoRuns(command);
      const { userHandle, url } = identity;
      if (yes !== true && !(await isLeavingMeant(userHandle, url))) throw new CliError("Nothing was done", EXIT.usage);
      const left = await client.removeUser();
      await identities.remove(name);
      print(command, left, `${userHandle} has left ${url}.`);
    });
}

function isLeavingMeant(userHandle: string, url: string): Promise<boolean> {
  if (!canAsk()) throw new CliError(`This removes ${userHandle} for ever. If you are sure, add --yes`, EXIT.usage);
  return isMeant(`Remove ${userHandle} and all messages to ${userHandle} from ${url} for ever?`);
}
