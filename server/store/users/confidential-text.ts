/**
 * A token or a secret. The time of a comparison says nothing about how much of a guess was right.
 */
import { timingSafeEqual } from "node:crypto";

export class ConfidentialText {
  readonly text: string;
  readonly #bytes: Buffer;

  /**
   * @param contents What the file holds. A newline at the end and a byte order mark in front are not part of the text:
   * editors add them.
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
