/**
 * Servers that are wrong in one way each, described in the JSON files of a folder: the real server, and the lines to
 * change in it. Those in check/broken test the check; those in prove/mutants test the tests of the store.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface BrokenServer {
  name: string;
  /** What is wrong, in a sentence. */
  bug: string;
  /** What must find it: a case of the check, a test file, or a proof. */
  caughtBy: string;
  /** What is changed in the real server: one small thing, which may need a change in two places. */
  changes: Change[];
}

export interface Change {
  /** From the repository's root. */
  file: string;
  /** Lines that must be in the file exactly once. The first may begin, and the last may end, in the middle of a line. */
  find: string[];
  replace: string[];
}

/** All broken servers of a folder, in the order of its files. */
export function readBrokenServers(folder: string): BrokenServer[] {
  return globSync("*.json", { cwd: folder })
    .filter((file) => !file.endsWith(".schema.json"))
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).servers);
}

/** A source with a change in it. @throws {Error} when the change no longer fits the source. */
export function changed(source: string, { file, find, replace }: Change): string {
  const old = find.join("\n");
  const found = source.split(old).length - 1;
  if (found !== 1) throw new Error(`${JSON.stringify(old)} is in ${file} ${found} times`);
  return source.replace(old, () => replace.join("\n"));
}
