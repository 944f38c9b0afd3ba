/**
 * Starts the real server program in a separate process, as `npm start` does. It listens on a free port of 127.0.0.1, or
 * on PLAINCHAT_PORT.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { atEnd, type Ending } from "./at-end.ts";
import { endsWithUs } from "./ends-with-us.ts";

const MAIN = new URL("../server/main.ts", import.meta.url).pathname;

/** Tests start hundreds of servers. With this cache, Node compiles the source only once. */
const COMPILE_CACHE = join(tmpdir(), "plainchat-compile-cache");

export interface RunningServer {
  origin: string;
  secret: string;
  process: ChildProcess;
  /** Everything it has printed so far. */
  output: () => string;
  /** Sends a signal and waits until the process has ended. @returns its exit code, or null when it was killed. */
  stop: (signal: "SIGTERM" | "SIGKILL" | "SIGINT") => Promise<number | null>;
}

/** How to start the process, where it is not just Node with the program. */
interface Launch {
  /** A command that runs the one after it, such as `strace`. */
  under?: string[];
  /** Flags for Node. */
  flags?: string[];
  /** Whether the process gets a channel for messages. */
  hasChannel?: boolean;
}

export async function startServer(
  test: Ending,
  root: string,
  environment: Record<string, string> = {},
  { under = [], flags = [], hasChannel = false }: Launch = {},
): Promise<RunningServer> {
  const program = [MAIN, "--root", root, "--port", environment.PLAINCHAT_PORT ?? "0"];
  const [command = "", ...args] = [...endsWithUs("KILL"), ...under, process.execPath, ...flags, ...program];
  const child = spawn(command, args, {
    // Tests must not talk to the network that they happen to run on.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, PLAINCHAT_NO_LOCAL_NAME: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe", ...(hasChannel ? (["ipc"] as const) : [])],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "exit");
  const stop = async (signal: "SIGTERM" | "SIGKILL" | "SIGINT") => {
    child.kill(signal);
    const [code] = await ended;
    return code as number | null;
  };
  atEnd(test, () => (child.exitCode === null && child.signalCode === null ? stop("SIGKILL") : undefined));

  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", () => {
      const line = /"address":"(http:[^"]+)".*"ready"/.exec(output)?.[1];
      if (line !== undefined) resolve(line);
    });
    child.once("exit", () => reject(new Error(`The server ended before it was ready:\n${output}`)));
  });
  const { PLAINCHAT_STORE: database } = environment;
  const secret = database === undefined ? await readSecretFile(root) : await readSecretRow(database);
  return { origin, secret, process: child, output: () => output, stop };
}

async function readSecretFile(root: string): Promise<string> {
  return (await readFile(join(root, "users", "secret.dat"), "utf8")).trim();
}

async function readSecretRow(address: string): Promise<string> {
  const sql = postgres(address, { max: 1 });
  try {
    const [row] = await sql<{ text: string }[]>`select text from secret`;
    return row?.text ?? "";
  } finally {
    await sql.end();
  }
}
