/**
 * Runs pieces of work that belong to the same key one after the other, and those of different keys side by side.
 * For changes that take several steps with a wait in between, where a second change must not come in the middle.
 */
export class OneAtATime<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  async run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const previous = this.#last.get(key) ?? Promise.resolve();
    // Whether the work before succeeded is its caller's business; this one's turn comes either way.
    const result = previous.then(work, work);
    this.#last.set(key, result);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === result) this.#last.delete(key);
    }
  }
}
