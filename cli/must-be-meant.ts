/**
 * Asks whether data are to be replaced by a backup. restore asks it before it does anything.
 */
import { CliError, EXIT } from "./cli-error.ts";
import { canAsk, isMeant } from "./context.ts";

/** @param where the folder or the database. @throws {CliError} if they are not. */
export async function mustBeMeant(where: string): Promise<void> {
  if (!canAsk()) throw new CliError(`There is data in ${where}. To replace it with the backup, add --yes`, EXIT.usage);
  if (!(await isMeant(`Replace the data in ${where} with the backup?`)))
    throw new CliError("Nothing was done", EXIT.usage);
}
