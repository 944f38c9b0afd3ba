/**
 * Makes a new folder for a test, and removes it when the test ends.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd, type Ending } from "./at-end.ts";

export async function temporaryFolder(test: Ending): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plainchat-test-"));
  atEnd(test, () => rm(folder, { recursive: true, force: true }));
  return folder;
}
