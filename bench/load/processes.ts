/**
 * Starts what is measured, each in a process of its own, and reads from the system how much processor time it takes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadResult } from "./load-generator.ts";

const repository = join(import.meta.dirname, "..", "..");
/** /proc counts processor time in these, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

export interface MeasuredServer {
  name: string;
  port: number;
  process: ChildProcess;
}

/** What runs at this moment. Whoever ends a measurement early must not leave any of it behind. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  // The clients first: they would complain of the server that is gone.
  for (const child of [...running].reverse()) child.kill("SIGTERM");
});

function endWithUs(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** Starts a server of ours. @param port finds its port in what it prints. */
export async function startMeasured(
  name: string,
  argumentsOfNode: string[],
  port: RegExp,
  environment: Record<string, string> = {},
): Promise<MeasuredServer> {
  return startCommand(name, [process.execPath, ...argumentsOfNode], port, environment);
}

/** Starts a server in any language, and returns when it has printed its port. What it complains of is shown. */
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
    // Read to its end, also after the port is known: a server must never wait for somebody to read what it prints.
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
 * Processor time that a server has taken so far, in seconds, with all the processes that it has started: gunicorn does its
 * work in those. Undefined where the system does not tell.
 */
export function processorSeconds({ process: { pid } }: MeasuredServer): number | undefined {
  try {
    const family = new Set([String(pid)]);
    let ticks = 0;
    // A child has a greater number than its parent, but for the rare time when the numbers begin anew.
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

/** What /proc says of a process, from its state on, or undefined when it has ended meanwhile. */
function readProcess(number: string): string[] | undefined {
  try {
    // The field before, in brackets, is a name that may have blanks in it.
    return readFileSync(`/proc/${number}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined;
  }
}

/** Memory that a process has at this moment. Linux only. */
export function residentKib({ process: { pid } }: MeasuredServer): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Of one core. Clients that are busier than this are measured themselves, and not the server. */
const CORES_OF_BUSY_CLIENTS = 0.9;

export interface Measurement extends Omit<LoadResult, "coresOfClients"> {
  requestsPerSecond: number;
  /** Processor time of the server for one request, user and system. */
  microsecondsPerRequest: number | undefined;
}

/** Puts a server under load. @param requestFile see load-generator.ts. */
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
      `The clients of ${server.name} took ${coresOfClients.toFixed(2)} of a core: it may be faster than this`,
    );
  }
  return {
    ...result,
    requestsPerSecond: result.requests / result.seconds,
    microsecondsPerRequest:
      before === undefined || after === undefined ? undefined : ((after - before) / result.requests) * 1e6,
  };
}
