/**
 * A token or the class secret while somebody watches: the witness sees that it was compared and with which result, but
 * never the text.
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
