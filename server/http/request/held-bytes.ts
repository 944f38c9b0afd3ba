/**
 * Adds up the memory that the server holds for its clients: requests that are not complete yet, requests that wait for
 * their turn, and replies that nobody takes. Each of them is small, but a thousand connections can hold as many at the
 * same time. So all of them together have one limit, and whoever holds the most must go when it is reached.
 */

/** All of it has to fit into the 256 MiB of compose.yaml, beside the program, the cache and 4096 connections. */
const MAX_HELD_BYTES = 48 * 1024 * 1024;

/** Something that holds memory for a client. */
export interface Holder {
  /** Whether nothing has moved for a while. Then it goes before others that hold more. */
  readonly isStuck?: boolean;
  /** Frees the memory and tells the client why, if it still can. Called at most once. */
  letGo(): void;
}

export class HeldBytes {
  /** The oldest first. */
  readonly #bytes = new Map<Holder, number>();
  readonly #maxBytes: number;
  #total = 0;

  constructor(maxBytes = MAX_HELD_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** How much is held in all. */
  get total(): number {
    return this.#total;
  }

  /** Notes how many bytes this one holds now. If that is too much for all together, some are let go, perhaps this one. */
  hold(holder: Holder, bytes: number): void {
    this.#total += bytes - (this.#bytes.get(holder) ?? 0);
    this.#bytes.set(holder, bytes);
    while (this.#total > this.#maxBytes) this.#letGoLargest();
  }

  release(holder: Holder): void {
    this.#total -= this.#bytes.get(holder) ?? 0;
    this.#bytes.delete(holder);
  }

  /** Of two that hold the same, the older one goes: a client that is served does not stay long. */
  #letGoLargest(): void {
    let largest: Holder | undefined;
    let most = -1;
    for (const [holder, bytes] of this.#bytes) {
      const rank = holder.isStuck === true ? bytes + this.#maxBytes : bytes;
      if (rank <= most) continue;
      largest = holder;
      most = rank;
    }
    if (largest === undefined) return;
    this.release(largest);
    largest.letGo();
  }
}
