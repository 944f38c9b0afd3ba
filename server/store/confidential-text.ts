/**
 * A token or a secret, compared so that the time it takes says nothing about how much of a guess was right.
 */
import { timingSafeEqual } from "node:crypto";

export class ConfidentialText {
  readonly text: string;
  readonly #bytes: Buffer;

  /** @param contents What the file holds. One newline at its end, as editors leave it, is not part of the text. */
  constructor(contents: string) {
    this.text = contents.replace(/\r?\n$/, "");
    this.#bytes = Buffer.from(this.text);
  }

  matches(given: string): boolean {
    const bytes = Buffer.from(given);
    return bytes.length === this.#bytes.length && timingSafeEqual(bytes, this.#bytes);
  }
}
