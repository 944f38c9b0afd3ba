/**
 * The computer with the clients: starts load.ts there, and talks with it.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { within } from "../../server/store/postgres/connection/deadline.ts";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import type { LoadFigures, Order } from "./load.ts";
import type { Computer, Network } from "./network.ts";

const LOAD = new URL("load.ts", import.meta.url).pathname;
const LONGEST_MILLISECONDS = 90_000;

export class Clients {
  readonly #process: ChildProcess;

  constructor(ending: Ending, network: Network, computer: Computer) {
    this.#process = network.start(computer, [process.execPath, LOAD], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    atEnd(ending, () => this.#process.kill("SIGKILL"));
  }

  /** One order after the other. @returns how things are afterwards. */
  async tell(order: Order): Promise<LoadFigures> {
    const answer = once(this.#process, "message");
    this.#process.send(order);
    const [figures] = await within(LONGEST_MILLISECONDS, answer).catch((error) => {
      throw new Error(`The clients do not answer to "${order.do}"`, { cause: error });
    });
    return figures as LoadFigures;
  }

  async until(isSo: (figures: LoadFigures) => boolean): Promise<void> {
    const deadline = Date.now() + LONGEST_MILLISECONDS;
    for (;;) {
      const figures = await this.tell({ do: "last" });
      if (isSo(figures)) return;
      if (Date.now() > deadline) throw new Error(`The clients do not come back: ${figures.mistakes.slice(0, 10)}`);
      await setTimeout(50);
    }
  }
}
