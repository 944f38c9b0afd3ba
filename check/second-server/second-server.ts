/**
 * The second server: a whole server in Python, written from docs/spec.md alone, and hundreds of versions of it with one
 * bug each. It shows that the check lets right servers pass and catches wrong ones, whatever they are written in.
 */
import { globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changed } from "../broken/broken-server.ts";
import type { Stage } from "../case.ts";
import { checkServer, firstFailureIn } from "../node/check-server.ts";

export interface Bug {
  name: string;
  /** What the server does wrong, in a sentence. */
  bug: string;
  /** The sentence of docs/spec.md that it breaks. */
  spec: string;
  changes: { file: string; find: string[]; replace: string[] }[];
}

const SERVER = "check/second-server/server.py";
const FOLDER = import.meta.dirname;
const SOURCE = readFileSync(join(FOLDER, "server.py"), "utf8");

/**
 * @param files default: all files of bugs/. @returns the bugs in them.
 * @throws {Error} when two have the same name, or when one does not fit the source.
 */
export function readBugs(files: string[] = globSync(join(FOLDER, "bugs", "*.json")).sort()): Bug[] {
  const bugs = files.flatMap((file): Bug[] => JSON.parse(readFileSync(file, "utf8")).servers);
  const names = new Set<string>();
  for (const { name, changes } of bugs) {
    if (names.has(name)) throw new Error(`two bugs have the name ${name}`);
    names.add(name);
    if (changes.some(({ file }) => file !== SERVER)) throw new Error(`${name} changes another file than ${SERVER}`);
    if (changes.reduce(changed, SOURCE) === SOURCE) throw new Error(`${name} changes nothing`);
  }
  return bugs;
}

/**
 * Runs the check against a copy of the second server, with or without a bug. server.py itself stays as it is.
 * @returns the case that failed first, with what was wrong, or undefined if the check passed.
 */
export async function firstFailure(bug?: Bug, stages?: Stage[], only?: number): Promise<string | undefined> {
  const report = await checkServer({
    async command(root, port) {
      const file = join(root, "server.py");
      await writeFile(file, (bug?.changes ?? []).reduce(changed, SOURCE));
      return `python3 "${file}" --root "${root}" --port ${port}`;
    },
    ...(stages && { stages }),
    only,
  });
  return firstFailureIn(report);
}
