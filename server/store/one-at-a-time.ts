/**
 * Runs pieces of work with the same key one after another, and those with different keys at the same time. It is for
 * changes of several steps with waits between them: a second change must not come in the middle.
 */
export class OneAtATime<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  async run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const previous = this.#last.get(key) ?? Promise.resolve();
    // The turn comes even if the work before failed: that error goes to its own caller.
    const result = previous.then(work, work);
    this.#last.set(key, result);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === result) this.#last.delete(key);
    }
  }
}
