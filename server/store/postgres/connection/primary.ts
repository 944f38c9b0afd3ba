/**
 * Knows which host of the database is the primary, and has the connections to it. Once a second it proves again that
 * the host can commit, and that its settings lose nothing. If that fails for five seconds, or a connection breaks, all
 * connections are ended and it asks all hosts; until then every request gets a 503.
 *
 * So a server that was cut off together with an old primary stops reading from it within five seconds. Whoever promotes a
 * standby although the old primary may still be running must wait for longer than that (docs/guides/deploy.md).
 */
import type { Report } from "../../report.ts";
import { DatabaseAwayError } from "../../store-errors.ts";
import { chooseHost, type Found } from "./choose-host.ts";
import { hostName, hostsOf } from "./database-address.ts";
import type { DatabaseHost, Proof } from "./database-host.ts";
import { DatabaseProblem } from "./database-problem.ts";
import { within } from "./deadline.ts";
import { Pool, SERVER_NAME } from "./pool.ts";
import { messageOf } from "./why-unusable.ts";

/** How many connections a server has for its questions. One more listens for notifications, and one proves. */
const CONNECTIONS = 10;
/** A statement takes milliseconds. One that takes this long waits for a server that has stopped in the middle. */
const STATEMENT_MILLISECONDS = 5000;
const PROVE_MILLISECONDS = 1000;
/** For how long a proof counts, from the moment at which it was begun. */
export const PROOF_MILLISECONDS = 5000;
const LOOK_AGAIN_MILLISECONDS = 250;

export interface PrimaryOptions {
  report: Report;
  /** Whether a database is refused that may lose what it has committed. */
  mustBeDurable: boolean;
  /** Called with the connections whenever there are new ones. */
  onPool: (pool: Pool) => void;
}

export class Primary {
  readonly #addresses: string[];
  readonly #report: Report;
  readonly #mustBeDurable: boolean;
  readonly #onPool: (pool: Pool) => void;
  /** What may be lost, as it was said last. */
  #risks = "";
  #host: DatabaseHost | undefined;
  #pool: Pool | undefined;
  #validUntil = 0;
  #seenTimeline = 0;
  /** Why no host fits, and what to do. It goes to the log when it changes. */
  #reasons = "";
  #hasBegun = false;
  #isClosed = false;
  #watching: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  #isAwake = false;

  constructor(address: string, { report, mustBeDurable, onPool }: PrimaryOptions) {
    this.#addresses = hostsOf(address);
    this.#report = report;
    this.#mustBeDurable = mustBeDurable;
    this.#onPool = onPool;
  }

  /** Whether its settings may lose what it has committed. That is so only if it need not be durable. */
  get hasRisks(): boolean {
    return this.#risks !== "";
  }

  /** The connections to the primary. @throws {DatabaseAwayError} */
  get pool(): Pool {
    if (this.#pool !== undefined && performance.now() > this.#validUntil) {
      this.#lose("it has not committed anything for five seconds");
    }
    if (this.#pool === undefined) throw new DatabaseAwayError("No host of the database is a primary");
    return this.#pool;
  }

  /** @throws {DatabaseProblem} if no host is a primary now. */
  async begin(): Promise<void> {
    await this.#look();
    if (this.#pool === undefined) throw new DatabaseProblem(`the database cannot be used. ${this.#reasons}`);
    this.#hasBegun = true;
    this.#watching = this.#watch();
  }

  /** A connection of this pool was lost, or does not answer. Perhaps the whole database is gone. */
  suspect(pool: Pool): void {
    if (pool !== this.#pool || this.#host === undefined) return;
    void pool.retire();
    this.#open(this.#host);
    this.#wakeUp();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeUp();
    this.#host?.close();
    await this.#pool?.retire();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      await this.#pause(this.#host === undefined ? LOOK_AGAIN_MILLISECONDS : PROVE_MILLISECONDS);
      if (this.#isClosed) return;
      if (this.#host === undefined) await this.#look();
      else await this.#proveAgain(this.#host);
    }
  }

  async #proveAgain(host: DatabaseHost): Promise<void> {
    const begun = performance.now();
    try {
      const { timeline, risks } = await within(this.#validUntil - begun, host.commit(this.#seenTimeline));
      this.#seenTimeline = timeline;
      this.#tell(risks);
      this.#validUntil = begun + PROOF_MILLISECONDS;
    } catch (error) {
      if (host === this.#host) this.#lose(messageOf(error));
    }
  }

  #lose(why: string): void {
    const host = hostName(this.#host?.address ?? "");
    if (!this.#isClosed) this.#report("error", `The database at ${host} is lost: ${why}`, {});
    this.#host?.close();
    this.#pool?.drop();
    this.#host = undefined;
    this.#pool = undefined;
    this.#wakeUp();
  }

  async #look(): Promise<void> {
    const chosen = await chooseHost(this.#addresses, {
      seenTimeline: this.#seenTimeline,
      mustBeDurable: this.#mustBeDurable,
    });
    if (chosen.best !== undefined && !this.#isClosed) return this.#take(chosen.best);
    if (chosen.best !== undefined) return chosen.best.host.close();
    const { reasons } = chosen;
    const isNew = reasons !== this.#reasons && this.#hasBegun && !this.#isClosed;
    if (isNew) this.#report("error", `No database can be used. ${reasons}`, {});
    this.#reasons = reasons;
  }

  #take({ host, timeline, risks, begun }: Found): void {
    this.#report("info", `The database is ${hostName(host.address)}`, { timeline });
    this.#tell(risks);
    this.#reasons = "";
    this.#host = host;
    this.#seenTimeline = timeline;
    this.#validUntil = begun + PROOF_MILLISECONDS;
    this.#open(host);
  }

  /** Says what may be lost, at the start and whenever it is something else. */
  #tell(risks: Proof["risks"]): void {
    const text = risks.map(({ what }) => what).join("; ");
    if (text !== this.#risks && text !== "") this.#report("error", `${text}. --not-durable allows it`, {});
    this.#risks = text;
  }

  #open({ address }: DatabaseHost): void {
    const common = { max: CONNECTIONS, name: SERVER_NAME, statementMilliseconds: STATEMENT_MILLISECONDS };
    this.#pool = new Pool(address, { ...common, commitsDurably: this.#mustBeDurable });
    this.#onPool(this.#pool);
  }

  #wakeUp(): void {
    this.#isAwake = true;
    this.#wake();
  }

  async #pause(milliseconds: number): Promise<void> {
    if (!this.#isAwake) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, milliseconds);
      });
      clearTimeout(timer);
    }
    this.#isAwake = false;
  }
}
