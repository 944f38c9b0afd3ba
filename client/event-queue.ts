/**
 * Makes one sequence of events out of what several parts of a program hear. watch-requests.ts fills it and reads it.
 */
export class EventQueue<Event> {
  readonly #events: Event[] = [];
  #end: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  put(event: Event): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** No event comes any more. @param error the reader gets it after the last event. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  /** @throws what `end()` was called with. */
  async *read(): AsyncGenerator<Event, void, void> {
    for (;;) {
      while (this.#events.length > 0) yield this.#events.shift() as Event;
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
