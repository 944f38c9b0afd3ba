/** Runs a script of this folder in a process of its own, to its end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** @returns what it printed. */
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
