/**
 * Checks the servers that pupils have written: each at the address that its request came from, one at a time for each
 * pupil and each address, and few at once in all. http/app.ts makes it in class mode. It keeps the result of each
 * pupil's last check in memory, and sends no request itself: check-run.ts has a process for that.
 */
import type { Peer } from "../steps/call.ts";
import { addressToCheck } from "./address-to-check.ts";
import { CheckRun, type Limits } from "./check-run.ts";
import type { CheckedLesson, CheckOrder, CheckState, Checks, NotNow } from "./contract.ts";

/** Each needs about 75 MB while it runs. */
const MOST_AT_ONCE = 4;
/** In a container with little memory, the chat needs the rest. */
const MOST_AT_ONCE_IN_LITTLE_MEMORY = 1;
const LITTLE_MEMORY_BYTES = 768 * 1024 * 1024;
/** After a check, others get the place first. */
const PAUSE_MILLISECONDS = 2_000;
const MOST_KEPT = 500;
const LIMITS: Limits = { runMilliseconds: 240_000, restartMilliseconds: 90_000, bytes: 32 * 1024 * 1024 };

export interface CheckOptions {
  /** The server was started with `--trust-proxy`. */
  isBehindProxy: boolean;
  limits?: Limits | undefined;
  mostAtOnce?: number | undefined;
  /** How many checks of one address may run. Only tests, whose pupils are all on one computer, want more than one. */
  mostAtAddress?: number | undefined;
  pauseMilliseconds?: number | undefined;
}

export class ServerChecks implements Checks {
  readonly #options: CheckOptions;
  readonly #mostAtOnce: number;
  readonly #running = new Set<CheckRun>();
  /** By pupil: the check that runs or ran last, the oldest first. */
  readonly #last = new Map<number, CheckState>();
  /** Pupils and addresses whose check has just ended. */
  readonly #resting = new Set<number | string>();
  #isClosed = false;

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#mostAtOnce = options.mostAtOnce ?? mostAtOnceHere();
  }

  begin(
    order: Omit<CheckOrder, "address">,
    peer: Peer,
    keep: (lessons: CheckedLesson[]) => Promise<void>,
  ): CheckState | NotNow {
    const { userId, port } = order;
    if (peer.serverPorts.includes(port)) return "own port";
    const address = addressToCheck(peer, this.#options.isBehindProxy);
    if (address === undefined) return "address";
    if (this.#mustWait(userId, address)) return "already runs";
    if (this.#isClosed || this.#running.size >= this.#mostAtOnce) return "too many";
    const run = new CheckRun({ ...order, address }, this.#options.limits ?? LIMITS, async (result) => {
      // If it cannot be kept, the pupil still sees the result.
      if (result !== undefined && !this.#isClosed) await keep(result.lessons).catch(() => {});
      this.#running.delete(run);
      this.#rest(userId, address);
    });
    this.#running.add(run);
    this.#keep(userId, run.state);
    return run.state;
  }

  /** One at a time for each pupil and for each address, and not again at once. */
  #mustWait(userId: number, address: string): boolean {
    const { mostAtAddress = 1 } = this.#options;
    const runs = [...this.#running].map(({ order }) => order);
    const there = runs.filter((order) => order.address === address).length;
    const isMine = runs.some((order) => order.userId === userId);
    return isMine || there >= mostAtAddress || this.#resting.has(userId) || this.#resting.has(address);
  }

  find(userId: number): CheckState | undefined {
    return this.#last.get(userId);
  }

  /** Ends all checks, because the server stops. */
  close(): void {
    this.#isClosed = true;
    for (const run of this.#running) run.kill("fault");
  }

  #keep(userId: number, state: CheckState): void {
    this.#last.delete(userId);
    this.#last.set(userId, state);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MOST_KEPT && oldest !== undefined) this.#last.delete(oldest);
  }

  #rest(...whose: (number | string)[]): void {
    for (const each of whose) this.#resting.add(each);
    const end = () => {
      for (const each of whose) this.#resting.delete(each);
    };
    setTimeout(end, this.#options.pauseMilliseconds ?? PAUSE_MILLISECONDS).unref();
  }
}

function mostAtOnceHere(): number {
  const memory = process.constrainedMemory();
  const isLittle = memory > 0 && memory < LITTLE_MEMORY_BYTES;
  return isLittle ? MOST_AT_ONCE_IN_LITTLE_MEMORY : MOST_AT_ONCE;
}
