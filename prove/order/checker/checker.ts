/**
 * Looks for an order of all operations on a queue in which a simple queue gives exactly these replies. Each operation
 * must happen at one moment between its call and its reply. If there is such an order, the history is linearizable: to
 * every client the server looked as if it did one thing after the other. The search is the one of Wing and Gong. As
 * Lowe suggested, it remembers dead ends: which operations had happened, and what the queue looked like.
 */
import { isDeadEnd } from "./dead-end.ts";
import type { Operation } from "./history.ts";
import { type Noticed, noticed } from "./noticed.ts";
import { EMPTY, happensWithoutChange, possibleChanges, type Queue } from "./queue-model.ts";

/** A history of 200 operations needs far fewer. */
const MAX_TRIED = 200_000;

/** @param operations of one queue. @throws {Error} if there are too many orders to try. */
export function isLinearizable(operations: Operation[]): boolean {
  return new Search(noticed(operations)).canFinish(EMPTY, new Set());
}

class Search {
  readonly #all: Noticed[];
  readonly #triedInVain = new Set<string>();

  constructor(all: Noticed[]) {
    this.#all = all;
  }

  /** @param happened the operations that have happened. They have led to this queue. */
  canFinish(queue: Queue, happened: Set<Noticed>): boolean {
    this.#addWhatChangesNothing(queue, happened);
    const open = this.#open(happened);
    // An operation without a reply need not happen.
    if (open.every(({ operation }) => operation.replied === Number.POSITIVE_INFINITY)) return true;
    const situation = this.#describe(queue, happened);
    if (this.#triedInVain.has(situation)) return false;
    if (this.#triedInVain.size >= MAX_TRIED) throw new Error(`No verdict after ${MAX_TRIED} situations`);
    const remaining = this.#remaining(happened);
    for (const each of open) {
      const others = remaining.filter((other) => other !== each);
      for (const change of possibleChanges(queue, each.operation, each.newIds)) {
        if (isDeadEnd(change, others)) continue;
        if (this.canFinish(change.queue, new Set(happened).add(each))) return true;
      }
    }
    this.#triedInVain.add(situation);
    return false;
  }

  /** An operation that changes nothing happens as soon as it can. That never rules out an order. */
  #addWhatChangesNothing(queue: Queue, happened: Set<Noticed>): void {
    for (;;) {
      const found = this.#open(happened).filter(({ operation }) => happensWithoutChange(queue, operation));
      if (found.length === 0) return;
      for (const each of found) happened.add(each);
    }
  }

  #remaining(happened: Set<Noticed>): Noticed[] {
    return this.#all.filter((each) => !happened.has(each));
  }

  /** What can happen next: everything called before the first of the remaining replies. The most urgent comes first. */
  #open(happened: Set<Noticed>): Noticed[] {
    const remaining = this.#remaining(happened);
    const end = Math.min(...remaining.map(({ operation }) => operation.replied));
    return remaining
      .filter(({ operation }) => operation.called < end)
      .toSorted((one, other) => urgency(one) - urgency(other));
  }

  #describe({ messages }: Queue, happened: Set<Noticed>): string {
    const which = this.#all.map((each) => (happened.has(each) ? "1" : "0")).join("");
    return `${which} ${[...messages].map(([id, { text }]) => `${id}:${text}`).join(" ")}`;
  }
}

/** Infinity minus Infinity is not a number, so an operation without a reply gets a very large one. */
function urgency({ operation }: Noticed): number {
  return Math.min(operation.replied, Number.MAX_SAFE_INTEGER);
}
