/**
 * plainchat leave: stop being a user, for good.
 */
import confirm from "@inquirer/confirm";
import type { Command } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { canAsk, examples, print, whoRuns } from "../context.ts";

export function addLeave(program: Command): void {
  program
    .command("leave")
    .summary("leave, for good")
    .description("Ends your membership: your token dies, your queue goes, your handle is free. It cannot be undone.")
    .option("--yes", "do not ask")
    .addHelpText("after", examples(["leave", "asks whether you mean it"], ["leave --as second --yes", "does not ask"]))
    .action(async ({ yes }: { yes?: true }, command: Command) => {
      const { client, identity, identities, name } = await whoRuns(command);
      const { userHandle, url } = identity;
      if (yes !== true && !(await isMeant(userHandle, url))) throw new CliError("Nothing was done", EXIT.usage);
      const left = await client.removeUser();
      await identities.remove(name);
      print(command, left, `${userHandle} has left ${url}.`);
    });
}

function isMeant(userHandle: string, url: string): Promise<boolean> {
  if (!canAsk()) throw new CliError(`This removes ${userHandle} for good. If you mean it, add --yes`, EXIT.usage);
  const message = `Remove ${userHandle} and all messages to ${userHandle} from ${url}, for good?`;
  return confirm({ message, default: false }, { output: process.stderr });
}
