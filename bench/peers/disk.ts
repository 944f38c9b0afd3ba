/**
 * The disk alone as two peers: with one sync per line, and with one sync per 64 lines. The speed of any durable server
 * on this machine lies between the two.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { DiskResult } from "./bare-disk.ts";
import type { Load, Peer } from "./peer.ts";

export const diskOneByOne = disk("disk-one", "the disk alone, one sync per line", 1);
export const diskInGroups = disk("disk-group", "the disk alone, one sync per 64 lines", 64);

function disk(id: string, name: string, lines: number): Peer {
  return {
    id,
    name,
    durable: true,
    cases: ["publish"],
    whyMissing: () => undefined,
    async start(_caseName, folder) {
      const file = join(folder, "lines");
      return { measure: ({ seconds }: Load) => append(file, seconds, lines), stop: async () => {} };
    },
  };
}

async function append(file: string, seconds: number, lines: number) {
  const script = join(import.meta.dirname, "bare-disk.ts");
  const child = spawn(process.execPath, [script, file, String(seconds), String(lines)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const piece of child.stdout) output += piece;
  const result: DiskResult = JSON.parse(output);
  return {
    ...result,
    requests: result.lines,
    refused: 0,
    requestsPerSecond: result.lines / result.seconds,
    microsecondsPerRequest: (result.processorSeconds / result.lines) * 1e6,
  };
}
