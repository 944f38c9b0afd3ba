/**
 * The fetches that wait for a message. A fetch with `wait` that finds nothing waits here until something arrives in the
 * user's queue, its time is up, the client hangs up, or the server stops. fetch-queue.ts calls it.
 */

/** A waiting fetch. It gets true if something may have arrived, and false if it must stop waiting. */
type Waiter = (arrived: boolean) => void;

export class Arrivals {
  /** How many times something has arrived, for any user. Read it before you read a page, and pass it to `next`. */
  count = 0;
  readonly #waiters = new Map<number, Set<Waiter>>();
  readonly #maxPerUser: number;
  #open = true;

  /** @param maxPerUser how many fetches of one user may wait. */
  constructor(maxPerUser: number) {
    this.#maxPerUser = maxPerUser;
  }

  /** Whether another fetch of a user may wait. */
  hasRoom(userId: number): boolean {
    return (this.#waiters.get(userId)?.size ?? 0) < this.#maxPerUser;
  }

  /** Wakes the waiting fetches of a user, because something new is in the queue or the user's token has ended. */
  announce(userId: number): void {
    this.count++;
    const waiters = this.#waiters.get(userId);
    if (waiters === undefined) return;
    this.#waiters.delete(userId);
    for (const waiter of waiters) waiter(true);
  }

  /**
   * Waits until something may have arrived for a user since `count` was `since`.
   * @returns false if the milliseconds have passed, the call has ended, or the server is stopping.
   */
  next(userId: number, since: number, milliseconds: number, ended: AbortSignal): Promise<boolean> {
    if (milliseconds <= 0 || ended.aborted || !this.#open) return Promise.resolve(false);
    // Something arrived after the page was read, perhaps for this user: the caller must look again.
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

  /** Ends all waiting when the server stops, and lets no other fetch wait. */
  close(): void {
    this.#open = false;
    for (const waiters of [...this.#waiters.values()]) for (const waiter of [...waiters]) waiter(false);
  }

  /** The users who have a fetch that waits. */
  userIds(): Iterable<number> {
    return this.#waiters.keys();
  }

  /** Whether a user has a fetch that waits. */
  has(userId: number): boolean {
    return this.#waiters.has(userId);
  }

  /** How many fetches are waiting now. */
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
