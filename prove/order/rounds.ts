/**
 * Plays one plan after the other and judges each. When a server holds too much, a new one takes its place. After a
 * kill, everything on the server is checked again, because a start can damage what was right before.
 */
import type { Ending } from "../../testing/at-end.ts";
import { contradiction } from "./checker/contradiction.ts";
import { describe, timeline } from "./checker/timeline.ts";
import { MAX_CLIENTS, type Plan } from "./plan.ts";
import { type Played, play } from "./play.ts";
import type { DyingServer, Person } from "./server-that-dies.ts";

/** After this many, a new server with an empty folder takes over. So a start after a kill need not read everything. */
const HISTORIES_PER_SERVER = 100;

export class Rounds {
  readonly counts = { histories: 0, operations: 0, unknown: 0, kills: 0 };
  readonly #ending: Ending;
  readonly #start: (ending: Ending) => Promise<DyingServer>;
  #server: DyingServer | undefined;
  #senders: Person[] = [];
  /** The histories played on this server. */
  #played: Played[] = [];

  constructor(ending: Ending, start: (ending: Ending) => Promise<DyingServer>) {
    this.#ending = ending;
    this.#start = start;
  }

  /** @returns how many operations there were, and what is wrong: a story, or undefined if all is well. */
  async play(plan: Plan): Promise<{ operations: number; story: string | undefined }> {
    const isFull = this.counts.histories % HISTORIES_PER_SERVER === 0;
    const server = this.#server === undefined || isFull ? await this.#startServer() : this.#server;
    const latest = await play(plan, server, this.#senders);
    this.#played.push(latest);
    const operations = latest.operations.length;
    this.counts.histories++;
    this.counts.operations += operations;
    this.counts.unknown += latest.operations.filter(({ replied }) => replied === Number.POSITIVE_INFINITY).length;
    if (plan.killAfter !== undefined) this.counts.kills++;
    const story = plan.killAfter === undefined ? whatIsWrong(latest) : await this.#whatIsWrongNow();
    // Otherwise the same fault would be found again after every kill.
    if (story !== undefined) this.#played = [];
    return { operations, story };
  }

  async #startServer(): Promise<DyingServer> {
    await this.#server?.stop();
    const server = await this.#start(this.#ending);
    this.#server = server;
    this.#senders = [];
    this.#played = [];
    while (this.#senders.length < MAX_CLIENTS) this.#senders.push(await server.register());
    return server;
  }

  async #whatIsWrongNow(): Promise<string | undefined> {
    for (const each of this.#played) {
      await each.readAgain();
      const story = whatIsWrong(each);
      if (story !== undefined) return story;
    }
    return undefined;
  }
}

function whatIsWrong({ operations, refused }: Played): string | undefined {
  if (refused !== undefined) return `${refused}\n${timeline(operations)}`;
  for (const queue of new Set(operations.map((operation) => operation.queue))) {
    const ofQueue = operations.filter((operation) => operation.queue === queue);
    const wrong = contradiction(ofQueue);
    if (wrong !== undefined) {
      return `no order explains "${describe(wrong)}". The whole history of the queue:\n${timeline(ofQueue, wrong)}`;
    }
  }
  return undefined;
}
