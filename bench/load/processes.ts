/**
 * Starts each server in its own process, puts it under load, and asks the system how much processor time and memory it
 * uses.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadResult } from "./load-generator.ts";

const repository = join(import.meta.dirname, "..", "..");
/** The unit of processor time in /proc, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

export interface MeasuredServer {
  name: string;
  port: number;
  process: ChildProcess;
}

/** The processes that run now. None of them may keep running when you stop a measurement early. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  // The clients first: without their server they would report errors.
  for (const child of [...running].reverse()) child.kill("SIGTERM");
});

function endWithUs(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** Starts a server that is a Node program. @param port finds the port in what the server prints. */
export async function startMeasured(
  name: string,
  argumentsOfNode: string[],
  port: RegExp,
  environment: Record<string, string> = {},
): Promise<MeasuredServer> {
  return startCommand(name, [process.execPath, ...argumentsOfNode], port, environment);
}

/** Starts a server in any language, and returns when it has printed its port. Its error output goes to the terminal. */
export async function startCommand(
  name: string,
  [command = "", ...args]: string[],
  port: RegExp,
  environment: Record<string, string> = {},
): Promise<MeasuredServer> {
  const child = spawn(command, args, {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithUs(child);
  let output = "";
  const found = await new Promise<string>((resolve, reject) => {
    // Keep reading after the port is known: a full pipe would make the server wait.
    child.stdout.on("data", (piece) => {
      output += piece;
      const match = port.exec(output)?.[1];
      if (match !== undefined) resolve(match);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${name} ended before it was ready:\n${output}`)));
  });
  return { name, port: Number(found), process: child };
}

export async function stopMeasured(server: MeasuredServer): Promise<void> {
  const ended = once(server.process, "exit");
  server.process.kill("SIGTERM");
  await ended;
}

/**
 * Processor time that a server has used so far, in seconds, with all its child processes, because gunicorn works in
 * those. Undefined on a system without /proc.
 */
export function processorSeconds({ process: { pid } }: MeasuredServer): number | undefined {
  try {
    const family = new Set([String(pid)]);
    let ticks = 0;
    // A child has a higher number than its parent, except in the rare case that the numbers start again from 1.
    const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
      const fields = readProcess(number);
      if (fields === undefined || !(family.has(number) || family.has(fields[1] ?? ""))) continue;
      family.add(number);
      ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks / TICKS_A_SECOND;
  } catch {
    return undefined;
  }
}

/** The fields of /proc/PID/stat, starting with the state, or undefined if the process has just ended. */
function readProcess(number: string): string[] | undefined {
  try {
    // The field before the state is a name in brackets, and it may contain spaces.
    return readFileSync(`/proc/${number}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined;
  }
}

/** How much memory a process has now, in KiB. Linux only. */
export function residentKib({ process: { pid } }: MeasuredServer): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** If the clients use more of one core than this, the result shows the speed of the clients, not of the server. */
const CORES_OF_BUSY_CLIENTS = 0.9;

export interface Measurement extends Omit<LoadResult, "coresOfClients"> {
  requestsPerSecond: number;
  /** Processor time of the server per request, user and system. */
  microsecondsPerRequest: number | undefined;
}

/**
 * Puts a server under load. @param requestFile see load-generator.ts. @throws {Error} when the server refuses a
 * request.
 */
export async function measure(
  server: MeasuredServer,
  { seconds, connections, requestFile }: { seconds: number; connections: number; requestFile: string },
): Promise<Measurement> {
  const before = processorSeconds(server);
  const generator = join(repository, "bench", "load", "load-generator.ts");
  const child = spawn(
    process.execPath,
    [generator, String(server.port), String(seconds), String(connections), requestFile],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  endWithUs(child);
  let output = "";
  for await (const piece of child.stdout) output += piece;
  const after = processorSeconds(server);
  const { coresOfClients, ...result }: LoadResult = JSON.parse(output);
  if (result.refused > 0) throw new Error(`${server.name} refused ${result.refused} requests`);
  if (coresOfClients > CORES_OF_BUSY_CLIENTS) {
    console.error(
      `The clients of ${server.name} used ${coresOfClients.toFixed(2)} of a core: the server may be faster than this`,
    );
  }
  return {
    ...result,
    requestsPerSecond: result.requests / result.seconds,
    microsecondsPerRequest:
      before === undefined || after === undefined ? undefined : ((after - before) / result.requests) * 1e6,
  };
}
