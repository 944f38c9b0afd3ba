/**
 * How long and how often is measured. `--quick` is for a look while one works: the main ratios within two minutes. Its
 * figures waver more, so they are not written down, nor are those of any other trial.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";

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
  /** Whether results.json, the table and the plots are written: never what was measured too seldom to count. */
  writes: boolean;
  /** Which groups of figures are measured; empty: all. */
  groups: string[];
  /** Where the data of the servers lie. */
  folder: string;
}

/** What a measurement that is written down has at least; connections: exactly. */
const WHOLE = { pairs: 5, seconds: 2, connections: 64, rounds: 3, messages: 1_000_000 };
const LEAST_MESSAGES = 100;

interface Options extends Omit<Settings, "isQuick" | "warmUpSeconds" | "groups" | "folder" | "writes" | "seconds"> {
  quick: boolean;
  write: boolean;
  seconds?: number;
}

/**
 * What was typed. With --help, or when something is wrong with it, it says so, and the process ends.
 * @param groups that there are.
 */
export function readSettings(groups: string[]): Omit<Settings, "folder"> {
  const command = new Command("npm run bench --")
    .description("Measures how fast this server is, against others and by its size: everything, or what is named.")
    .addArgument(new Argument("[group...]", "what is measured").choices(groups))
    .option("--quick", "the main ratios within two minutes, and not written down", false)
    .option("--no-write", "leave bench/results.json, the table and the plots as they are, as in any trial")
    .option("--pairs <n>", "how many pairs are measured in turn", count, WHOLE.pairs)
    .option("--seconds <n>", "how long each turn is (3, with --quick 1)", count)
    .option("--connections <n>", "how many clients there are", count, WHOLE.connections)
    .option("--rounds <n>", "how many times each point of the growth is measured", count, WHOLE.rounds)
    .option("--messages <n>", "the greatest number of messages, from 100", messageCount, WHOLE.messages)
    .addHelpText(
      "after",
      `\nA trial is what has fewer pairs, rounds or messages, less than ${WHOLE.seconds} s, or other connections.`,
    )
    .parse();
  const { quick: isQuick, write, ...numbers } = command.opts<Options>();
  const seconds = numbers.seconds ?? (isQuick ? 1 : 3);
  return {
    ...numbers,
    isQuick,
    seconds,
    warmUpSeconds: Math.min(seconds, 2),
    writes: write && isWhole({ ...numbers, seconds }),
    groups: command.args,
  };
}

function isWhole({ connections, ...measured }: typeof WHOLE): boolean {
  const names = ["pairs", "seconds", "rounds", "messages"] as const;
  return connections === WHOLE.connections && names.every((name) => measured[name] >= WHOLE[name]);
}

function messageCount(text: string): number {
  const messages = count(text);
  if (messages < LEAST_MESSAGES) throw new InvalidArgumentError(`It must be ${LEAST_MESSAGES} or more.`);
  return messages;
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(text);
}

let folders = 0;

/** A new folder for one server. */
export async function newFolder({ folder }: Settings, name: string): Promise<string> {
  folders++;
  const path = join(folder, `${folders}-${name}`);
  await mkdir(path, { recursive: true });
  return path;
}
