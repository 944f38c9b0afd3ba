/** Runs a script from this folder in its own process and waits until it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** @returns what the script printed. @throws {Error} when it ends with a code other than 0. */
export async function runScript(name: string, args: string[], optionsOfNode: string[] = []): Promise<string> {
  const child = spawn(process.execPath, [...optionsOfNode, join(import.meta.dirname, name), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let output = "";
  for await (const piece of child.stdout) output += piece;
  const [exitCode] = await ended;
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}`);
  return output;
}
