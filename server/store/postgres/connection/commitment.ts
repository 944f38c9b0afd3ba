/**
 * Whether a transaction may have been committed. Until its COMMIT is sent, a lost connection means that nothing was done.
 * Once it was sent and no answer came, nobody knows. database.ts has one for each transaction.
 */
import { DatabaseAwayError } from "../../store-errors.ts";

export class Commitment {
  #isSent = false;
  #isOver = false;

  /**
   * Call it right before COMMIT is sent, without an `await` in between.
   * @throws {DatabaseAwayError} if somebody was told already that nothing was done: then that must stay true.
   */
  send(): void {
    if (this.#isOver) throw new DatabaseAwayError("The transaction was given up before its COMMIT was sent");
    this.#isSent = true;
  }

  /** Nobody waits any more. From now on nothing can be committed. @returns whether it may have been. */
  end(): boolean {
    this.#isOver = true;
    return this.#isSent;
  }
}
