/**
 * The proof "order": several clients at once use the real server, while connections break and the server is killed. For
 * each history it asks whether some order of single steps explains all replies. If so, the server is as easy to reason
 * about as one that does one thing after the other.
 */
import fc from "fast-check";
import type { Proof } from "../proof.ts";
import { plan } from "./plan.ts";
import { Rounds } from "./rounds.ts";
import { ServerThatDies } from "./server-that-dies.ts";

const HISTORIES = { quick: 40, whole: 1000 };
const PROGRESS_EVERY = 100;
/** How many operations a history has when the server is killed in it, if it must be. */
const KILL_AFTER = 25;
/** How long to look for a smaller history that fails too. Chance plays a part in each, so not every one is found. */
const SHRINKING_MILLISECONDS = 15_000;

/** The smallest history that failed, and the number of the first one. */
class Failure {
  readonly firstHistory: number;
  readonly #until = performance.now() + SHRINKING_MILLISECONDS;
  #operations = Number.POSITIVE_INFINITY;
  story = "";

  constructor(firstHistory: number) {
    this.firstHistory = firstHistory;
  }

  get isSmallEnough(): boolean {
    return performance.now() > this.#until;
  }

  add(story: string, operations: number): void {
    if (operations >= this.#operations) return;
    this.#operations = operations;
    this.story = story;
  }
}

export const order: Proof = {
  name: "order",
  promise: "however many clients there are, the server looks as if it did one thing after the other",

  prove({ size, ending, log }) {
    return proveOrder({ rounds: new Rounds(ending, ServerThatDies.start), histories: HISTORIES[size], log });
  },
};

interface OrderOptions {
  rounds: Rounds;
  histories: number;
  log: (line: string) => void;
  /** In one of this many histories the server is killed for certain. Without it, the plans decide. */
  killEvery?: number;
}

/** Plays histories until one cannot be explained. @returns the figure. */
export async function proveOrder({ rounds, histories, log, killEvery }: OrderOptions): Promise<string> {
  const { counts } = rounds;
  const failures: Failure[] = [];

  const playOne = fc.asyncProperty(plan, async (each) => {
    let [failure] = failures;
    if (failure?.isSmallEnough) return;
    const isDue = killEvery !== undefined && counts.histories % killEvery === killEvery - 1;
    const killAfter = each.killAfter ?? (isDue ? KILL_AFTER : undefined);
    const { operations, story } = await rounds.play({ ...each, killAfter });
    if (counts.histories % PROGRESS_EVERY === 0) {
      log(`${counts.histories} histories, ${counts.operations} operations`);
    }
    if (story === undefined) return;
    if (failure === undefined) {
      failure = new Failure(counts.histories);
      failures.push(failure);
    }
    failure.add(story, operations);
    throw new Error(story);
  });
  const { failed, seed, errorInstance } = await fc.check(playOne, { numRuns: histories });

  const [failure] = failures;
  if (failure !== undefined) {
    throw new Error(`History ${failure.firstHistory} went wrong (fast-check: seed ${seed}): ${failure.story}`);
  }
  if (failed) throw new Error(`A history could not be made (fast-check: seed ${seed})`, { cause: errorInstance });
  const say = (count: number) => count.toLocaleString("en");
  return (
    `${say(counts.histories)} histories, ${say(counts.operations)} operations ` +
    `(${say(counts.unknown)} of unknown outcome), ${counts.kills} kills: all linearizable`
  );
}
