/**
 * A token or the class secret while somebody watches: that it was compared, and how that ended, may be seen. What it is
 * never is.
 */
import type { Confidential, Witness } from "../contract.ts";

export class ObservedText implements Confidential {
  readonly text: string;
  readonly #inner: Confidential;
  readonly #witness: Witness;

  constructor(inner: Confidential, witness: Witness) {
    this.text = inner.text;
    this.#inner = inner;
    this.#witness = witness;
  }

  matches(given: string): boolean {
    const equal = this.#inner.matches(given);
    this.#witness.compared({ given: [...given].length, kept: [...this.text].length, equal });
    return equal;
  }
}
