/**
 * Lets the replies that become ready in one turn of the event loop go out together, at its end. A reply that is written
 * alone wakes up its client alone, and waking up somebody costs the system more than all our work on the request: written
 * together, the first one wakes them up, and the others find them awake.
 */
export class ReplyTurn {
  #end: Promise<void> | undefined;

  /** Resolves, for everybody who asks in this turn, when all requests that have come in by now have been looked at. */
  end(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#end = undefined;
        resolve();
      });
    });
    return this.#end;
  }
}
