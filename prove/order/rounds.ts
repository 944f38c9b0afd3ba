/**
 * Plays one plan after the other, and judges each: on one server as long as it does not hold too much, then on a new one.
 * After a kill everything that the server holds is looked at once more, for a start can spoil what was right before.
 */
import type { Ending } from "../../testing/at-end.ts";
import { contradiction } from "./contradiction.ts";
import { MAX_CLIENTS, type Plan } from "./plan.ts";
import { type Played, play } from "./play.ts";
import { type Person, ServerThatDies } from "./server-that-dies.ts";
import { describe, timeline } from "./timeline.ts";

/** Then comes a new server with an empty folder: a start after a kill reads what some histories have left, not all. */
const HISTORIES_PER_SERVER = 100;

export class Rounds {
  readonly counts = { histories: 0, operations: 0, unknown: 0, kills: 0 };
  readonly #ending: Ending;
  #server: ServerThatDies | undefined;
  #senders: Person[] = [];
  /** On this server. */
  #played: Played[] = [];

  constructor(ending: Ending) {
    this.#ending = ending;
  }

  /** @returns how many operations there were, and what is wrong: a story, or undefined when all is right. */
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
    // What is wrong there now would be found after every kill.
    if (story !== undefined) this.#played = [];
    return { operations, story };
  }

  async #startServer(): Promise<ServerThatDies> {
    await this.#server?.stop();
    const server = await ServerThatDies.start(this.#ending);
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
