/**
 * How long and how often is measured. `--quick` is for a look while one works: the main ratios within two minutes. Its
 * figures waver more, so they are not written down.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface Settings {
  isQuick: boolean;
  pairs: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number;
  /** So many times each point of the growth is measured. */
  rounds: number;
  /** The greatest number of messages, 1,000,000 but for a trial. */
  messages: number;
  /** Whether results.json, the table and the plots are written. */
  writes: boolean;
  /** Which groups of figures are measured; empty: all. */
  groups: string[];
  /** Where the data of the servers lie. */
  folder: string;
}

export function readSettings(args: string[], folder: string): Settings {
  const number = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      quick: flag,
      write: flag,
      pairs: number,
      seconds: number,
      connections: number,
      rounds: number,
      messages: number,
    },
  });
  const isQuick = values.quick === true;
  const seconds = Number(values.seconds ?? (isQuick ? 1 : 3));
  return {
    isQuick,
    pairs: Number(values.pairs ?? 5),
    seconds,
    warmUpSeconds: Math.min(seconds, 2),
    connections: Number(values.connections ?? 64),
    rounds: Number(values.rounds ?? 3),
    messages: Number(values.messages ?? 1_000_000),
    writes: values.write ?? !isQuick,
    groups: positionals,
    folder,
  };
}

let folders = 0;

/** A new folder for one server. */
export async function newFolder({ folder }: Settings, name: string): Promise<string> {
  folders++;
  const path = join(folder, `${folders}-${name}`);
  await mkdir(path, { recursive: true });
  return path;
}
