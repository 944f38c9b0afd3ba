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
/** How long a client should wait before it tries again. */
const RETRY_SECONDS = 3;
const MOST_KEPT = 500;
const LIMITS: Limits = { runMilliseconds: 120_000, restartMilliseconds: 90_000, bytes: 32 * 1024 * 1024 };

export interface CheckOptions {
  /** The server was started with `--trust-proxy`. */
  isBehindProxy: boolean;
  limits?: Limits | undefined;
  mostAtOnce?: number | undefined;
}

export class ServerChecks implements Checks {
  readonly #options: CheckOptions;
  readonly #mostAtOnce: number;
  readonly #running = new Map<CheckRun, string>();
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
    if (peer.serverPorts.includes(port)) return { why: "own port", seconds: 0 };
    const address = addressToCheck(peer, this.#options.isBehindProxy);
    if (address === undefined) return { why: "address", seconds: 0 };
    const runs = [...this.#running].some(([run, at]) => run.order.userId === userId || at === address);
    if (runs || this.#resting.has(userId) || this.#resting.has(address))
      return { why: "already runs", seconds: RETRY_SECONDS };
    if (this.#isClosed || this.#running.size >= this.#mostAtOnce) return { why: "too many", seconds: RETRY_SECONDS };
    const run = new CheckRun({ ...order, address }, this.#options.limits ?? LIMITS, (result) => {
      this.#running.delete(run);
      this.#rest(userId, address);
      // What cannot be kept is not worth more than the chat: the pupil still sees the result.
      if (result !== undefined && !this.#isClosed) keep(result.lessons).catch(() => {});
    });
    this.#running.set(run, address);
    this.#keep(userId, run.state);
    return run.state;
  }

  find(userId: number): CheckState | undefined {
    return this.#last.get(userId);
  }

  /** Ends all checks, because the server stops. */
  close(): void {
    this.#isClosed = true;
    for (const run of this.#running.keys()) run.kill("fault");
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
    setTimeout(end, PAUSE_MILLISECONDS).unref();
  }
}

function mostAtOnceHere(): number {
  const memory = process.constrainedMemory();
  const isLittle = memory > 0 && memory < LITTLE_MEMORY_BYTES;
  return isLittle ? MOST_AT_ONCE_IN_LITTLE_MEMORY : MOST_AT_ONCE;
}
