/**
 * A token or a secret. The time of a comparison says nothing about how much of a guess was right.
 */
import { timingSafeEqual } from "node:crypto";

export class ConfidentialText {
  readonly text: string;
  readonly #bytes: Buffer;

  /**
   * @param contents What the file holds. White space around the text is not part of it, nor is a byte order mark in
   * front: editors and people add them, and nobody sees them.
   */
  constructor(contents: string) {
    // trim() removes the mark, too.
    this.text = contents.trim();
    this.#bytes = Buffer.from(this.text);
  }

  matches(given: string): boolean {
    const bytes = Buffer.from(given);
    return bytes.length === this.#bytes.length && timingSafeEqual(bytes, this.#bytes);
  }
}
