/**
 * The option `--store`, for commands that work on the data of a server: the data are in a database then, and not in the
 * folder of `--root`.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { isDatabaseAddress, problemOfAddress } from "../server/store/postgres/connection/database-address.ts";
import { CliError, EXIT } from "./cli-error.ts";

export function addStoreOption(command: Command): Command {
  const option = new Option("--store <address>", "the PostgreSQL database that has the data, instead of a folder")
    .env("PLAINCHAT_STORE")
    .argParser(databaseFrom);
  return command.addOption(option);
}

/**
 * The address of the database, or undefined if the data are in a folder. A folder that was named on the command line
 * counts more than a variable of the terminal. @throws {CliError} if both were named there.
 */
export function storeOf(command: Command): string | undefined {
  const store: string | undefined = command.opts<{ store?: string }>().store;
  if (store === undefined || command.getOptionValueSource("root") !== "cli") return store;
  if (command.getOptionValueSource("store") !== "cli") return undefined;
  throw new CliError("The data are in a folder or in a database. Leave out --root, or --store", EXIT.usage);
}

function databaseFrom(typed: string): string | undefined {
  // A variable that is set to nothing is as good as none.
  if (typed === "") return undefined;
  if (!isDatabaseAddress(typed)) {
    throw new InvalidArgumentError(
      "Use the address of a PostgreSQL database, such as postgres://user@host:5432/plainchat.",
    );
  }
  const problem = problemOfAddress(typed);
  // Not an InvalidArgumentError: commander would show what was typed, and there is a password in it.
  if (problem !== undefined) throw new CliError(problem, EXIT.usage);
  return typed;
}
