/**
 * Runs a program in a terminal. Tests type keys and look at the screen, as a person would; a terminal emulator works
 * out what the screen shows. The pseudo-terminal comes from the command `script`, which most systems have.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import xterm from "@xterm/headless";
import { atEnd } from "./at-end.ts";

export const COLUMNS = 80;
const ROWS = 40;
/** What is not on the screen by then never comes, however busy the computer is. */
const WAIT_MILLISECONDS = 30_000;

export interface PseudoTerminal {
  /** Sends keys. Enter is "\r", Ctrl-C "\x03", the arrow up "\x1b[A". */
  type: (keys: string | Buffer) => void;
  /** The lines on the screen, without spaces at their ends and without the empty lines at the bottom. */
  screen: () => string[];
  /** Waits until the screen matches. @throws an error that shows the screen, when that takes too long. */
  until: (condition: (screen: string[]) => boolean, what: string) => Promise<void>;
  /** Gives the window another width, as a person who drags its corner. Only on Linux. */
  resize: (columns: number) => Promise<void>;
  /** Closes the window. */
  hangUp: () => void;
  /** The exit code, when the program has ended. */
  ended: Promise<number | null>;
}

export interface TerminalOptions {
  /** Whether the terminal breaks the line with the cursor again, when it gets another width. */
  reflowCursorLine?: boolean;
  columns?: number;
}

export function startInTerminal(
  test: TestContext,
  command: string[],
  environment: Record<string, string>,
  { reflowCursorLine = false, columns = COLUMNS }: TerminalOptions = {},
): PseudoTerminal {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const line = `stty rows ${ROWS} cols ${columns}; exec ${quoted}`;
  const script = process.platform === "linux" ? ["-qefc", line, "/dev/null"] : ["-q", "/dev/null", "sh", "-c", line];
  const child = spawn("script", script, {
    env: { ...process.env, TERM: "xterm-256color", SHELL: "/bin/sh", ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  atEnd(test, () => child.kill("SIGKILL"));
  child.stdin.on("error", () => {});
  const terminal = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true, reflowCursorLine });
  let writing = Promise.resolve();
  child.stdout.on("data", (bytes: Buffer) => {
    writing = new Promise((resolve) => terminal.write(bytes, resolve));
  });
  const screen = () => {
    const lines: string[] = [];
    const { active } = terminal.buffer;
    for (let row = 0; row < active.length; row++)
      lines.push((active.getLine(row)?.translateToString(true) ?? "").trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return lines;
  };
  const until = async (condition: (lines: string[]) => boolean, what: string) => {
    const end = Date.now() + WAIT_MILLISECONDS;
    for (;;) {
      await writing;
      if (condition(screen())) return;
      if (Date.now() > end)
        throw new Error(`Not on the screen within ${WAIT_MILLISECONDS} ms: ${what}\n${screen().join("\n")}`);
      await setTimeout(20);
    }
  };
  const resize = async (columns: number) => {
    await writing;
    terminal.resize(columns, ROWS);
    const [program = ""] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
    // This tells the program, too.
    execFileSync("stty", ["-F", readlinkSync(`/proc/${program}/fd/0`), "cols", String(columns)]);
  };
  // What it printed last is on the screen, too, by then.
  const ended = once(child, "close").then(async ([exitCode]) => {
    await writing;
    return exitCode as number | null;
  });
  return {
    type: (keys) => void child.stdin.write(keys),
    screen,
    until,
    resize,
    hangUp: () => void child.kill("SIGKILL"),
    ended,
  };
}
