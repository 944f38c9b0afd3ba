/**
 * The option `--root` of the commands that work on a data folder. It is apart from data-folder.ts, which loads the store:
 * a command that is not run needs only its options.
 */
import { type Command, Option } from "commander";
import { pathFrom } from "./context.ts";

/** The option `--root`, as the server has it. */
export function addRootOption(command: Command): Command {
  const option = new Option("--root <dir>", "the data folder")
    .env("PLAINCHAT_ROOT")
    .default("./data")
    .argParser(pathFrom);
  return command.addOption(option);
}
