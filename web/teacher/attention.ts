/**
 * Whether the teacher is reading in the list. Then no row may change its place: a click would hit somebody else. A mouse
 * that has only been left there does not count, or the list would never be sorted while the teacher walks around.
 */

/** After this long without a movement or a key, nobody is reading any more. */
const REST_MILLISECONDS = 8_000;

export class Attention {
  #lastSign = Number.NEGATIVE_INFINITY;
  readonly #now: () => number;

  /** @param now milliseconds on a clock that never jumps. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** The mouse moved over the list, or a key was pressed in it. */
  note(): void {
    this.#lastSign = this.#now();
  }

  /** The mouse has left the list. */
  end(): void {
    this.#lastSign = Number.NEGATIVE_INFINITY;
  }

  get isThere(): boolean {
    return this.#now() - this.#lastSign < REST_MILLISECONDS;
  }
}
