/**
 * A computer on which somebody uses the program for the terminal: in a pseudo-terminal, or by single commands.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type PseudoTerminal, startInTerminal, type TerminalOptions } from "./pseudo-terminal.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const MAIN = join(import.meta.dirname, "..", "cli/main.ts");

export interface Outcome {
  exitCode: number;
  out: string;
  error: string;
}

export interface Machine {
  environment: Record<string, string>;
  /** Runs a command to its end. */
  run: (command: string[], input?: string | Buffer, changed?: NodeJS.ProcessEnv) => Promise<Outcome>;
  /** Runs a command with --json. It must succeed. */
  json: (...command: string[]) => Promise<never>;
  terminal: (...command: string[]) => PseudoTerminal;
  terminalWith: (how: TerminalOptions, ...command: string[]) => PseudoTerminal;
}

/** A computer on which nobody is registered yet. */
export async function machine(t: TestContext, origin: string): Promise<Machine> {
  const folder = await temporaryFolder(t);
  const environment = { XDG_CONFIG_HOME: folder, PLAINCHAT_URL: origin, NO_COLOR: "1", INIT_CWD: folder };
  const run = (command: string[], input: string | Buffer = "", changed: NodeJS.ProcessEnv = {}) =>
    new Promise<Outcome>((resolve) => {
      const options = { env: { ...process.env, ...environment, ...changed }, timeout: 60_000 };
      const child = execFile(process.execPath, [MAIN, ...command], options, (failure, out, error) => {
        resolve({ exitCode: failure === null ? 0 : Number(failure.code ?? Number.NaN), out, error });
      });
      child.stdin?.end(input);
    });
  const json = async (...command: string[]): Promise<never> => {
    const { exitCode, out, error } = await run([...command, "--json"]);
    assert.equal(exitCode, 0, error);
    return JSON.parse(out) as never;
  };
  const terminalWith = (how: TerminalOptions, ...command: string[]) =>
    startInTerminal(t, [process.execPath, MAIN, ...command], environment, how);
  const terminal = (...command: string[]) => terminalWith({}, ...command);
  return { environment, run, json, terminal, terminalWith };
}

/** A server, and a computer that talks to it. */
export async function serverAndMachine(
  t: TestContext,
): Promise<{ root: string; server: RunningServer; here: Machine }> {
  const root = await temporaryFolder(t);
  const server = await startServer(t, root);
  return { root, server, here: await machine(t, server.origin) };
}
