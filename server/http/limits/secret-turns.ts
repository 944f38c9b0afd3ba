/**
 * Who may try a class secret, and when (ruling R39). An address that keeps sending wrong secrets has to wait for its
 * turn, and so has everybody who shares the address. The right secret gets in when its turn comes: a class behind one
 * address is never locked out. Nobody learns anything about a secret without a turn, so guessing stays slow.
 * rate-limit.ts has one for all addresses.
 */
import { Refusal } from "../../steps/refusal.ts";

/** How many wrong secrets an address may send at once. After that, turns come in batches. */
const AT_ONCE = 100;
/** With the first hundred, this makes fewer than 300 guesses in any minute. */
const BATCH = { turns: 6, milliseconds: 2_000 };
/** How many requests wait, of all addresses. A request may have 64 KiB, so they must not be too many. */
export const MAX_WAITING = 1_000;
/** Less than clients wait for a reply: they should hear that they may try again. */
const MAX_WAITING_MILLISECONDS = 8_000;
/** How many addresses have turns of their own. All others share theirs, so that memory stays bounded. */
export const MAX_ADDRESSES = 100;
const OTHERS = "others";
const RETRY_SECONDS = 5;

interface Waiting {
  since: number;
  begin: () => void;
  refuse: (refusal: Refusal) => void;
}

/** The requests of one address. */
interface Line {
  turns: number;
  /** When `turns` was right, in milliseconds. */
  countedAt: number;
  /** Oldest first. */
  waiting: Waiting[];
  /** Set while requests wait for the next batch. */
  timer: NodeJS.Timeout | undefined;
}

export class SecretTurns {
  readonly #lines = new Map<string, Line>();
  readonly #atOnce: number;
  readonly #batch: typeof BATCH;
  readonly #maxMilliseconds: number;

  /** @param rate only tests set it. */
  constructor({ atOnce = AT_ONCE, batch = BATCH, maxMilliseconds = MAX_WAITING_MILLISECONDS } = {}) {
    this.#atOnce = atOnce;
    this.#batch = batch;
    this.#maxMilliseconds = maxMilliseconds;
  }

  /**
   * Resolves when it is this request's turn.
   * @param ended returns a signal for when the client hangs up. It is only asked if the request has to wait.
   * @returns a function that the caller must call if the secret was not wrong. Then the turn goes to somebody else.
   * @throws {Refusal} 429 if it has waited too long, or has to make room for others.
   */
  async take(address: string, ended: () => AbortSignal): Promise<() => void> {
    const line = this.#lineOf(address);
    this.#count(line);
    if (line.turns >= 1 && line.waiting.length === 0) line.turns--;
    else await this.#wait(line, ended());
    return () => {
      const next = line.waiting.pop();
      if (next === undefined) line.turns++;
      else next.begin();
    };
  }

  /** Refuses all who wait, because the server stops. */
  close(): void {
    for (const { waiting, timer } of this.#lines.values()) {
      clearTimeout(timer);
      for (const each of waiting.splice(0)) each.refuse(tooMany());
    }
  }

  #lineOf(address: string): Line {
    const known = this.#lines.get(address);
    if (known !== undefined) return known;
    if (this.#lines.size >= MAX_ADDRESSES && address !== OTHERS) {
      this.#forgetIdle();
      if (this.#lines.size >= MAX_ADDRESSES) return this.#lineOf(OTHERS);
    }
    const line = { turns: this.#atOnce, countedAt: performance.now(), waiting: [], timer: undefined };
    this.#lines.set(address, line);
    return line;
  }

  #forgetIdle(): void {
    for (const [address, line] of this.#lines) {
      this.#count(line);
      if (line.turns >= this.#atOnce && line.waiting.length === 0) this.#lines.delete(address);
    }
  }

  /** Adds the turns that have come since the last time. */
  #count(line: Line): void {
    const now = performance.now();
    const more = ((now - line.countedAt) / this.#batch.milliseconds) * this.#batch.turns;
    line.turns = Math.min(this.#atOnce, line.turns + more);
    line.countedAt = now;
  }

  #wait(line: Line, ended: AbortSignal): Promise<void> {
    const { waiting } = line;
    this.#makeRoom();
    return new Promise((begin, refuse) => {
      const request = { since: performance.now(), begin, refuse };
      waiting.push(request);
      ended.addEventListener("abort", () => {
        const place = waiting.indexOf(request);
        if (place === -1) return;
        waiting.splice(place, 1);
        refuse(tooMany());
      });
      line.timer ??= setTimeout(() => this.#beginBatch(line), this.#batch.milliseconds);
    });
  }

  /** Refuses the oldest request of the longest line if too many wait, so that one address does not stop the others. */
  #makeRoom(): void {
    const lines = [...this.#lines.values()].map(({ waiting }) => waiting);
    if (lines.reduce((sum, { length }) => sum + length, 0) < MAX_WAITING) return;
    lines
      .reduce((longest, each) => (each.length > longest.length ? each : longest))
      .shift()
      ?.refuse(tooMany());
  }

  /**
   * All turns of a batch but one go to the requests that came last. The loops of a guesser send again as soon as they
   * have an answer, right after a batch, and then they wait. So somebody who comes now comes after them, and is in the
   * next batch, however many loops there are. One turn goes to the request that has waited longest.
   */
  #beginBatch(line: Line): void {
    const { waiting } = line;
    this.#count(line);
    const tooOld = performance.now() - this.#maxMilliseconds;
    while (waiting[0] !== undefined && waiting[0].since < tooOld) waiting.shift()?.refuse(tooMany());
    for (; line.turns >= 1 && waiting.length > 0; line.turns--) {
      (line.turns >= 2 ? waiting.pop() : waiting.shift())?.begin();
    }
    line.timer = waiting.length === 0 ? undefined : setTimeout(() => this.#beginBatch(line), this.#batch.milliseconds);
  }
}

function tooMany(): Refusal {
  const detail =
    "Too many wrong secrets come from your address, so whoever registers there has to wait, and too many are waiting. Check what your program sends, and try again.";
  return new Refusal(429, detail, undefined, { retryAfterSeconds: RETRY_SECONDS });
}
