/**
 * A token or a secret, compared so that the time it takes says nothing about how much of a guess was right.
 */
import { timingSafeEqual } from "node:crypto";

export class ConfidentialText {
  readonly text: string;
  readonly #bytes: Buffer;

  /**
   * @param contents What the file holds. What editors add of their own is not part of the text: a newline at its end,
   * and the mark that some of them put in front of UTF-8.
   */
  constructor(contents: string) {
    this.text = contents.replace(/^\ufeff/, "").replace(/\r?\n$/, "");
    this.#bytes = Buffer.from(this.text);
  }

  matches(given: string): boolean {
    const bytes = Buffer.from(given);
    return bytes.length === this.#bytes.length && timingSafeEqual(bytes, this.#bytes);
  }
}
