/**
 * `unfinished-move` is in a data folder while a database is being moved into it. If the move is interrupted, the file
 * stays, and nobody takes a part of the data for all of it: neither a start of the server nor a backup.
 */
import { stat } from "node:fs/promises";
import type { Paths } from "./paths.ts";

/** @throws {Error} with a sentence for the person at the terminal, if a move into the folder was interrupted. */
export async function mustBeWhole(paths: Paths): Promise<void> {
  if (!(await isUnfinished(paths))) return;
  throw new Error(
    `A move into ${paths.root} was interrupted, so a part of the data is missing. Move it again, or remove the folder`,
  );
}

export async function isUnfinished(paths: Paths): Promise<boolean> {
  return (await stat(paths.unfinishedMove).catch(() => undefined)) !== undefined;
}
