/**
 * Finds out which programming languages can be used on this computer: whether the program that runs their servers is
 * installed. The question for the language lists those first.
 */
import { execFile } from "node:child_process";
import { delimiter, dirname } from "node:path";
import type { Language, Starter } from "./course.ts";

/** A program that asks somebody something, or hangs, counts as not installed. */
const PATIENCE_MILLISECONDS = 5000;
/** On Windows, Python has other names. */
const OTHER_NAMES: Record<string, string[]> = process.platform === "win32" ? { python3: ["py", "python"] } : {};

/** The languages whose program is installed, with the command that starts a server here. */
export async function installed(starters: ReadonlyMap<Language, Starter>): Promise<Map<Language, string>> {
  const found = await Promise.all(
    [...starters].map(async ([language, { start }]): Promise<[Language, string][]> => {
      const command = await commandHere(start);
      return command === undefined ? [] : [[language, command]];
    }),
  );
  return new Map(found.flat());
}

/** The command with the name that its program has here. Undefined if it is not installed. */
async function commandHere(start: string): Promise<string | undefined> {
  const program = programOf(start);
  for (const name of [program, ...(OTHER_NAMES[program] ?? [])]) {
    if (await runs(name)) return name + start.slice(program.length);
  }
  return undefined;
}

export function programOf(start: string): string {
  return start.split(" ")[0] ?? "";
}

function runs(program: string): Promise<boolean> {
  const args = [program === "go" ? "version" : "--version"];
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE_MILLISECONDS, env: environmentFor(program), windowsHide: true };
    execFile(program, args, options, (error) => resolve(error === null));
  });
}

/**
 * The variables for a learner's server. The Node that runs plainchat comes first: it can run TypeScript, and the one of
 * the system may be too old for that.
 */
export function environmentFor(program: string): NodeJS.ProcessEnv {
  if (program !== "node") return { ...process.env };
  return { ...process.env, PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter) };
}
