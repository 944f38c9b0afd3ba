/**
 * Reads servers with one bug each from the JSON files of a folder. Each is the real server with a few changed lines.
 * The bugs in check/broken test the check, and those in prove/mutants test the tests of the store.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface BrokenServer {
  name: string;
  /** What the server does wrong, in a sentence. */
  bug: string;
  /** The case of the check, the test file or the proof that must find the bug. */
  caughtBy: string;
  /** The changes to the real server. One small bug may need a change in two places. */
  changes: Change[];
}

interface Change {
  /** The path from the root of the repository. */
  file: string;
  /**
   * Lines that must be in the file exactly once. The first may begin, and the last may end, in the middle of a line.
   */
  find: string[];
  replace: string[];
}

/** @returns all broken servers of a folder, in the order of its files. */
export function readBrokenServers(folder: string): BrokenServer[] {
  return globSync("*.json", { cwd: folder })
    .filter((file) => !file.endsWith(".schema.json"))
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).servers);
}

/** @returns the source with the change. @throws {Error} when the change no longer fits the source. */
export function changed(source: string, { file, find, replace }: Change): string {
  const old = find.join("\n");
  const found = source.split(old).length - 1;
  if (found !== 1) throw new Error(`${JSON.stringify(old)} is in ${file} ${found} times`);
  return source.replace(old, () => replace.join("\n"));
}
