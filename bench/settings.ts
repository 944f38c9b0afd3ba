/**
 * The settings of a run: how long and how often to measure. `--quick` is for a look while you work: the main ratios in
 * less than two minutes. Its figures vary more, so they are not saved. Neither are those of any other trial run.
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";

export interface Settings {
  isQuick: boolean;
  pairs: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number;
  /** How many times each point of the growth plots is measured. */
  rounds: number;
  /** The largest number of messages: 1,000,000, except in a trial. */
  messages: number;
  /** Whether to write results.json, the table and the plots. Never true for a run that is too short to count. */
  writes: boolean;
  /** Which groups of figures to measure; empty means all. */
  groups: string[];
  /** Another checkout of this repository to compare with, in place of the peers. */
  against?: string;
  /** Where the servers keep their data. */
  folder: string;
}

/** The least that a run must measure to be saved. The number of connections must be exactly this one. */
const WHOLE = { pairs: 5, seconds: 2, connections: 64, rounds: 3, messages: 1_000_000 };
const LEAST_MESSAGES = 100;

interface Options
  extends Omit<Settings, "isQuick" | "warmUpSeconds" | "groups" | "folder" | "writes" | "seconds" | "against"> {
  quick: boolean;
  write: boolean;
  seconds?: number;
  against?: string;
}

/**
 * Reads the command line. With --help, or after a mistake on the command line, it prints a text and ends the process.
 * @param groups the names of all groups.
 */
export function readSettings(groups: string[]): Omit<Settings, "folder"> {
  const command = new Command("npm run bench --")
    .description("Measures how fast this server is, compared with others and at different sizes.")
    .addArgument(new Argument("[group...]", "what to measure; without a name: everything").choices(groups))
    .option("--quick", "only the main ratios, in less than two minutes; not saved", false)
    .option("--no-write", "do not change bench/results.json, the table and the plots")
    .option("--pairs <n>", "how many times to measure the two servers of each pair", count, WHOLE.pairs)
    .option("--seconds <n>", "how long to measure each time (default: 3, with --quick 1)", count)
    .option("--connections <n>", "how many clients send requests", count, WHOLE.connections)
    .option("--rounds <n>", "how many times to measure each point of the growth plots", count, WHOLE.rounds)
    .option("--messages <n>", "the largest number of messages, at least 100", messageCount, WHOLE.messages)
    .option("--against <folder>", "compare with another checkout of plainchat, such as an older one; not saved")
    .addHelpText(
      "after",
      `\nFewer pairs, rounds or messages, less than ${WHOLE.seconds} s or another number of connections make a trial run: it is not saved.`,
    )
    .parse();
  const { quick: isQuick, write, against, ...numbers } = command.opts<Options>();
  const seconds = numbers.seconds ?? (isQuick ? 1 : 3);
  return {
    ...numbers,
    isQuick,
    seconds,
    warmUpSeconds: Math.min(seconds, 2),
    writes: write && against === undefined && isWhole({ ...numbers, seconds }),
    ...(against !== undefined && { against: resolve(against) }),
    groups: command.args,
  };
}

function isWhole({ connections, ...measured }: typeof WHOLE): boolean {
  const names = ["pairs", "seconds", "rounds", "messages"] as const;
  return connections === WHOLE.connections && names.every((name) => measured[name] >= WHOLE[name]);
}

function messageCount(text: string): number {
  const messages = count(text);
  if (messages < LEAST_MESSAGES) throw new InvalidArgumentError(`Use ${LEAST_MESSAGES} or more.`);
  return messages;
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Use a whole number, 1 or more.");
  return Number(text);
}

let folders = 0;

/** Makes a new folder for one server. */
export async function newFolder({ folder }: Settings, name: string): Promise<string> {
  folders++;
  const path = join(folder, `${folders}-${name}`);
  await mkdir(path, { recursive: true });
  return path;
}
