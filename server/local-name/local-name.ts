/**
 * The name under which the class reaches the server on its network, such as `plainchat.local`: one address for the
 * whole term, whatever IP address the server has today. serve.ts makes one in class mode. Nothing waits for it, and
 * nothing that comes from the network or happens to it can stop the server.
 *
 * Before it answers to a name it asks whether somebody has it already (RFC 6762, section 8). If so, it takes the next
 * one, `plainchat-2.local`. It does all this again when the networks change.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalNetwork } from "../http/routes/network-addresses.ts";
import { Link } from "./link.ts";
import { MAX_NUMBER, numbered } from "./names.ts";
import { compareRecords, type Heard, MULTICAST_PORT } from "./packets.ts";

const LOOK_MILLISECONDS = 5000;
const PROBES = 3;
const BETWEEN_PROBES_MILLISECONDS = 250;
const AFTER_LOST_RACE_MILLISECONDS = 1000;
const SECOND_ANNOUNCEMENT_MILLISECONDS = 1000;
/** After so many quarrels about the name in ten seconds, it waits before the next try (section 8.1). */
const MAX_QUARRELS = 15;
const QUARREL_MILLISECONDS = 10_000;
const PEACE_MILLISECONDS = 5000;

interface Options {
  /** Without `.local`. */
  name: string;
  /** Finds the networks of this computer on which the class can reach the server. */
  networks: () => LocalNetwork[];
  /** Writes a sentence to the log. */
  report: (level: "info" | "warn", sentence: string) => void;
  /** A test has a port of its own. */
  port?: number;
  /** How often to look whether the networks have changed. */
  lookMilliseconds?: number;
}

export class LocalName {
  readonly #options: Options;
  readonly #links = new Map<string, Link>();
  #look: NodeJS.Timeout | undefined;
  #number = 1;
  /** Ends the present attempt to get a name. */
  #attempt = new AbortController();
  #quarrels: number[] = [];
  #isStopped = false;
  /** What was said on these networks, so that nothing is said twice. */
  readonly #said = new Set<string>();
  #keys = "";

  constructor(options: Options) {
    this.#options = options;
  }

  /** The name that the server has now, with `.local`. */
  get current(): string | undefined {
    return [...this.#links.values()].find(({ isOurs }) => isOurs)?.name;
  }

  begin(): void {
    // If the system does not tell its networks, there may be some the next time.
    const look = () => void this.#lookAtNetworks().catch(() => undefined);
    look();
    this.#look = setInterval(look, this.#options.lookMilliseconds ?? LOOK_MILLISECONDS).unref();
  }

  /** Says on all networks that the name is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#look);
    this.#attempt.abort();
    await Promise.all([...this.#links.values()].map((link) => link.sayGoodbye()));
    for (const link of this.#links.values()) link.close();
  }

  async #lookAtNetworks(): Promise<void> {
    const networks = new Map(this.#options.networks().map((each) => [each.key, each]));
    const keys = [...networks.keys()].join();
    if (keys !== this.#keys) this.#said.clear();
    this.#keys = keys;
    for (const [key, link] of this.#links) {
      if (networks.has(key)) continue;
      link.close();
      this.#links.delete(key);
    }
    const added = [...networks].filter(([key]) => !this.#links.has(key)).map(([, network]) => this.#linkTo(network));
    await Promise.all(added.map((link) => link.open()));
    if (this.#isStopped || !added.some(({ isOpen }) => isOpen)) return;
    // On another network the first name may be free.
    this.#number = 1;
    this.#claim();
  }

  #linkTo(network: LocalNetwork): Link {
    const link: Link = new Link(network, this.#name, this.#options.port ?? MULTICAST_PORT, {
      onHeard: (heard, sender) => this.#hear(link, heard, sender),
      onError: (error) => {
        this.#links.delete(network.key);
        const reason = (error as NodeJS.ErrnoException).code ?? error.message;
        this.#say(
          "warn",
          `${this.#name} does not work: multicast DNS (UDP port ${MULTICAST_PORT}) cannot be used (${reason}). The class can use the addresses`,
        );
      },
    });
    this.#links.set(network.key, link);
    return link;
  }

  get #name(): string {
    return numbered(this.#options.name, this.#number);
  }

  /** Asks for the name, and takes it if nobody objects. */
  #claim(waitMilliseconds = Math.random() * BETWEEN_PROBES_MILLISECONDS): void {
    this.#attempt.abort();
    this.#attempt = new AbortController();
    for (const link of this.#links.values()) [link.name, link.isOurs] = [this.#name, false];
    const { signal } = this.#attempt;
    this.#probe(waitMilliseconds, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }

  async #probe(waitMilliseconds: number, signal: AbortSignal): Promise<void> {
    await sleep(waitMilliseconds, undefined, { signal, ref: false });
    for (let i = 0; i < PROBES; i++) {
      for (const link of this.#links.values()) link.sendProbe();
      await sleep(BETWEEN_PROBES_MILLISECONDS, undefined, { signal, ref: false });
    }
    for (const link of this.#links.values()) {
      link.isOurs = true;
      link.announce();
    }
    this.#say("info", `The class can also reach the server by its name, ${this.#name}`);
    await sleep(SECOND_ANNOUNCEMENT_MILLISECONDS, undefined, { signal, ref: false });
    for (const link of this.#links.values()) link.announce();
  }

  #hear(link: Link, heard: Heard, sender: string): void {
    // A packet that says what we say is our own, or another server's on this computer: then the name is right.
    const own = new Set([...this.#links.values()].flatMap(({ network }) => network.addresses));
    const strange = ({ address }: { address: string }) => !own.has(address);
    if (heard.isReply) {
      if (heard.answers.some((record) => record.ttl > 0 && strange(record) && record.type !== "NSEC")) {
        this.#quarrel(link, sender);
      }
    } else if (!link.isOurs && heard.wanted.some(strange)) {
      if (compareRecords(link.network.addresses, heard.wanted) < 0) this.#claim(AFTER_LOST_RACE_MILLISECONDS);
    }
  }

  /** Somebody else answers to the name. */
  #quarrel(link: Link, sender: string): void {
    const now = performance.now();
    this.#quarrels = [...this.#quarrels.filter((time) => now - time < QUARREL_MILLISECONDS), now];
    const wait = this.#quarrels.length > MAX_QUARRELS ? PEACE_MILLISECONDS : undefined;
    // It may have been a mistake, or long ago. So ask once more: who answers then has the name.
    if (!link.isOurs) {
      const taken = this.#name;
      this.#number++;
      if (this.#number > MAX_NUMBER) {
        this.#giveUp();
        return;
      }
      this.#say(
        "warn",
        `Another computer on this network (${sender}) is called ${taken}. This server tries ${this.#name}. Choose another name with --local-name`,
      );
    }
    this.#claim(wait);
  }

  /** Only until the networks change. */
  #giveUp(): void {
    this.#attempt.abort();
    this.#number = 1;
    const last = numbered(this.#options.name, MAX_NUMBER);
    for (const link of this.#links.values()) [link.name, link.isOurs] = [undefined, false];
    this.#say(
      "warn",
      `Other computers have all names from ${this.#name} to ${last}, so this server has none. The class can use the addresses. Choose another name with --local-name`,
    );
  }

  #say(level: "info" | "warn", sentence: string): void {
    if (this.#said.has(sentence)) return;
    this.#said.add(sentence);
    this.#options.report(level, sentence);
  }
}
