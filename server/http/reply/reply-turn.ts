/**
 * Holds the replies that become ready in one turn of the event loop, and sends them together at its end. Each reply
 * written alone wakes a sleeping client, which costs the system more than all our work on the request. Written
 * together, the first reply wakes the client's program, and the others find it awake.
 */
export class ReplyTurn {
  #end: Promise<void> | undefined;

  /** Resolves at the end of this turn, after every request that has already arrived was handled. */
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
