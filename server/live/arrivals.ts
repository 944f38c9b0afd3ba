/**
 * Who waits for a message. A fetch with `wait` that finds nothing stands here until the store says that something has
 * arrived in that user's queue, until its time is up, or until the client has gone or the server stops.
 */

/** A fetch that waits. It is told true when something may have arrived, false when waiting has no point any more. */
type Waiter = (arrived: boolean) => void;

export class Arrivals {
  /** How many times something has arrived, for anybody. Take it before reading a page, and give it to `next`. */
  count = 0;
  readonly #waiters = new Map<number, Set<Waiter>>();
  readonly #mostForEach: number;
  #open = true;

  /** @param mostForEach so many fetches of one user may wait. */
  constructor(mostForEach: number) {
    this.#mostForEach = mostForEach;
  }

  /** Whether one more fetch of a user may wait. */
  hasRoom(userId: number): boolean {
    return (this.#waiters.get(userId)?.size ?? 0) < this.#mostForEach;
  }

  /** Says that something is in a user's queue that was not there before, or that the user is gone. */
  announce(userId: number): void {
    this.count++;
    const waiters = this.#waiters.get(userId);
    if (waiters === undefined) return;
    this.#waiters.delete(userId);
    for (const waiter of waiters) waiter(true);
  }

  /**
   * Waits until something may have arrived for a user since `count` was `since`.
   * @returns false when so many milliseconds have passed, or when the caller has ended.
   */
  next(userId: number, since: number, milliseconds: number, ended: AbortSignal): Promise<boolean> {
    if (milliseconds <= 0 || ended.aborted || !this.#open) return Promise.resolve(false);
    // Something arrived, perhaps for this user, between reading the page and coming here: have another look.
    if (since !== this.count) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish: Waiter = (arrived) => {
        clearTimeout(timer);
        ended.removeEventListener("abort", giveUp);
        this.#remove(userId, finish);
        resolve(arrived);
      };
      const giveUp = () => finish(false);
      const timer = setTimeout(giveUp, milliseconds);
      ended.addEventListener("abort", giveUp);
      const waiters = this.#waiters.get(userId);
      if (waiters === undefined) this.#waiters.set(userId, new Set([finish]));
      else waiters.add(finish);
    });
  }

  /** Answers everyone who waits, and lets nobody wait from here on: the server stops. */
  close(): void {
    this.#open = false;
    for (const waiters of [...this.#waiters.values()]) for (const waiter of [...waiters]) waiter(false);
  }

  /** How many fetches wait at this moment. */
  get waiting(): number {
    let waiting = 0;
    for (const waiters of this.#waiters.values()) waiting += waiters.size;
    return waiting;
  }

  #remove(userId: number, waiter: Waiter): void {
    const waiters = this.#waiters.get(userId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(userId);
  }
}
