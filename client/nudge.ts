/**
 * Cuts the pause before the next try short. A caller gives one when it has learned that the server can be reached, for
 * example because another request got a reply.
 */
export class Nudge {
  #next = new AbortController();

  /** Aborted by the next `give()`, and by no earlier one. */
  get signal(): AbortSignal {
    return this.#next.signal;
  }

  give(): void {
    const given = this.#next;
    this.#next = new AbortController();
    given.abort();
  }
}
