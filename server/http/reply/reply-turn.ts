/**
 * Holds the replies that become ready in one turn of the event loop, and sends them together at its end. Each reply
 * written alone wakes a sleeping client, which costs the system more than all our work on the request. Written
 * together, the first reply wakes the client's program, and the others find it awake.
 *
 * Of long replies, each turn sends one. Otherwise a hundred of them would be in memory before the first is on its way.
 */

/** A page of a hundred usual messages is shorter. */
export const LONG_REPLY_BYTES = 128 * 1024;

export class ReplyTurn {
  #end: Promise<void> | undefined;
  /** The turn of the last long reply. */
  #lastLong = Promise.resolve();

  /**
   * Resolves at the end of this turn, after every request that has already arrived was handled, or for a long reply at
   * the end of a later one. @param bytes about how long the reply is.
   */
  end(bytes: number): Promise<void> {
    if (bytes < LONG_REPLY_BYTES) return this.#endOfTurn();
    this.#lastLong = this.#lastLong.then(() => this.#endOfTurn());
    return this.#lastLong;
  }

  #endOfTurn(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#end = undefined;
        resolve();
      });
    });
    return this.#end;
  }
}
