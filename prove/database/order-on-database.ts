/**
 * The proof "order" again, with each request sent to the next one of two servers on one database. In some histories a
 * server is killed, in others PostgreSQL crashes.
 */
import { Agent } from "node:http";
import { setTimeout } from "node:timers/promises";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import type { TestDatabase } from "../../testing/database.ts";
import { send } from "../../testing/request.ts";
import type { RunningServer } from "../../testing/start-server.ts";
import { proveOrder } from "../order/order.ts";
import { Rounds } from "../order/rounds.ts";
import { type DyingServer, type Person, registerAt } from "../order/server-that-dies.ts";
import type { Proof } from "../proof.ts";
import { startCluster, startServerOn, startServers } from "./cluster.ts";

const HISTORIES = { quick: 8, whole: 400 };
const KILL_EVERY = 8;

export const orderOnDatabase: Proof = {
  name: "order-on-database",
  promise: "two servers on one database look like one that does one thing after the other",
  async prove({ size, ending, log }) {
    const cluster = await startCluster(ending);
    const start = (untilThen: Ending) => TwoServers.start(untilThen, cluster);
    return proveOrder({
      rounds: new Rounds(ending, start),
      histories: HISTORIES[size],
      log,
      // The first one to die in the quick part is PostgreSQL.
      killEvery: KILL_EVERY,
    });
  },
};

class TwoServers implements DyingServer {
  readonly agent = new Agent({ keepAlive: true });
  mayBeAway = false;
  readonly #ending: Ending;
  readonly #cluster: TestDatabase;
  readonly #address: string;
  #servers: RunningServer[];
  #turn = 0;
  #deaths = 0;
  #people = 0;

  private constructor(ending: Ending, cluster: TestDatabase, address: string, servers: RunningServer[]) {
    this.#ending = ending;
    this.#cluster = cluster;
    this.#address = address;
    this.#servers = servers;
    atEnd(ending, () => this.agent.destroy());
  }

  static async start(ending: Ending, cluster: TestDatabase): Promise<TwoServers> {
    const address = await cluster.create();
    return new TwoServers(ending, cluster, address, await startServers(ending, address, 2));
  }

  async origin(): Promise<string> {
    return this.#next.origin;
  }

  /** PostgreSQL crashes, or one of the servers does, in turn. */
  async die(): Promise<void> {
    this.#deaths++;
    if (this.#deaths % 2 === 1) {
      this.mayBeAway = true;
      await this.#cluster.stop("SIGQUIT");
      await this.#cluster.start();
      await Promise.all(this.#servers.map(untilReady));
      return;
    }
    const [dying, other] = this.#servers;
    await dying?.stop("SIGKILL");
    const fresh = await startServerOn(this.#ending, this.#address);
    this.#servers = [other, fresh].filter((each) => each !== undefined);
  }

  async askForCompaction(): Promise<void> {
    // The history before has ended, and so has the crash in it.
    this.mayBeAway = false;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop("SIGKILL")));
    this.agent.destroy();
  }

  register(): Promise<Person> {
    this.#people++;
    return registerAt(this.#next, `person-${this.#people}`, this.agent);
  }

  get #next(): RunningServer {
    this.#turn++;
    return this.#servers[this.#turn % this.#servers.length] as RunningServer;
  }
}

/** Waits until a server can ask its database again. */
async function untilReady({ origin }: RunningServer): Promise<void> {
  while ((await send(origin, { path: "/readyz" })).status !== 200) await setTimeout(20);
}
