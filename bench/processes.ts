/**
 * Starts what is measured, each in a process of its own, and reads from the system how much processor time it takes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadResult } from "./load-generator.ts";

const repository = join(import.meta.dirname, "..");
/** /proc counts processor time in these, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

export interface MeasuredServer {
  name: string;
  port: number;
  process: ChildProcess;
}

/** Starts a server. @param port finds its port in what it prints. */
export async function startMeasured(
  name: string,
  argumentsOfNode: string[],
  port: RegExp,
  environment: Record<string, string> = {},
): Promise<MeasuredServer> {
  const child = spawn(process.execPath, argumentsOfNode, {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const piece of child.stdout) {
    output += piece;
    const found = port.exec(output)?.[1];
    if (found === undefined) continue;
    child.stdout.resume();
    return { name, port: Number(found), process: child };
  }
  throw new Error(`${name} ended before it was ready:\n${output}`);
}

export async function stopMeasured(server: MeasuredServer): Promise<void> {
  const ended = once(server.process, "exit");
  server.process.kill("SIGTERM");
  await ended;
}

/** Processor time that a process has taken so far, in seconds, or undefined where the system does not tell. */
export function processorSeconds({ process: { pid } }: MeasuredServer): number | undefined {
  try {
    // The second field, in brackets, is a name that may have blanks in it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return undefined;
  }
}

/** Memory that a process has at this moment. Linux only. */
export function residentKib({ process: { pid } }: MeasuredServer): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

export interface Measurement extends LoadResult {
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
  const generator = join(repository, "bench", "load-generator.ts");
  const child = spawn(
    process.execPath,
    [generator, String(server.port), String(seconds), String(connections), requestFile],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  for await (const piece of child.stdout) output += piece;
  const after = processorSeconds(server);
  const result: LoadResult = JSON.parse(output);
  if (result.refused > 0) throw new Error(`${server.name} refused ${result.refused} requests`);
  return {
    ...result,
    requestsPerSecond: result.requests / result.seconds,
    microsecondsPerRequest:
      before === undefined || after === undefined ? undefined : ((after - before) / result.requests) * 1e6,
  };
}
