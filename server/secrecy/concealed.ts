/**
 * Hides tokens and secrets in a trace. The inputs `secret` and `myAuth` are never shown anyway. This is for clients
 * that send them as something else, such as a token as a handle, or the class secret in a message. trace-recorder.ts
 * uses it. Besides what looks like a token or a secret (looks-secret.ts), it hides what the request itself calls one,
 * and everything that was made from something hidden: a hash or a checksum would let somebody test guesses.
 */
import { coverEncoded, coverFor, coverPlain } from "./looks-secret.ts";

/** Tokens and secrets are never shorter. A shorter text could appear anywhere by chance. */
const MIN_CHARACTERS = 12;
/** Longer ones cannot be right. A limit on the work that a hostile body can cause. */
const MAX_CHARACTERS = 256;
/** Fields of a line in a file that are made from its other fields. */
const MADE_FROM_OTHERS = ["crc", "digest"];

export class Concealed {
  /** Every part of MIN_CHARACTERS of what must be hidden, in small letters: half a secret is hidden, too. */
  readonly #parts = new Set<string>();
  readonly #made: { from: string; text: string }[] = [];

  add(text: string): void {
    for (const form of [text, text.normalize("NFC"), text.normalize("NFD")]) {
      const small = inSmallLetters(form.slice(0, MAX_CHARACTERS));
      for (let i = 0; i + MIN_CHARACTERS <= small.length; i++) this.#parts.add(small.slice(i, i + MIN_CHARACTERS));
    }
  }

  /** If `from` is hidden, then `text` must be, too, which was made from it. */
  addMade(text: string, from: string): void {
    this.#made.push({ text, from });
  }

  /** Covers all that is hidden in a text. */
  cover(text: string): string {
    let covered = this.#coverItself(text);
    for (const { text: made, from } of this.#made) {
      if (covered.includes(made) && this.#coverItself(from) !== from)
        covered = covered.replaceAll(made, coverFor(made));
    }
    return covered;
  }

  /** The same for the text of a file. Lines of JSON are read first, because a string may be written with escapes. */
  coverFile(text: string): string {
    return text.replace(/[^\n]+/g, (line) => {
      const record = objectIn(line);
      if (record === undefined) return this.cover(line);
      const covered = JSON.stringify(record, (_, each: unknown) =>
        typeof each === "string" ? this.cover(each) : each,
      );
      if (covered === JSON.stringify(record)) return line;
      return JSON.stringify(JSON.parse(covered), (name, each) => (MADE_FROM_OTHERS.includes(name) ? NOT_SHOWN : each));
    });
  }

  #coverItself(text: string): string {
    const cover = (each: string) => coverPlain(this.#coverGiven(each));
    return coverEncoded(cover(text), (decoded) => cover(decoded) !== decoded);
  }

  #coverGiven(text: string): string {
    const small = inSmallLetters(text);
    if (![...this.#parts].some((part) => small.includes(part))) return text;
    let covered = "";
    let shown = 0;
    for (let i = 0; i + MIN_CHARACTERS <= small.length; i++) {
      if (!this.#parts.has(small.slice(i, i + MIN_CHARACTERS))) continue;
      const start = i;
      while (this.#parts.has(small.slice(i + 1, i + 1 + MIN_CHARACTERS))) i++;
      covered += text.slice(shown, start) + coverFor(text.slice(start, i + MIN_CHARACTERS));
      shown = i + MIN_CHARACTERS;
      i = shown - 1;
    }
    return covered + text.slice(shown);
  }
}

/** What a line of a file has in the place of something that is not shown. */
export const NOT_SHOWN = "(not shown)";

function objectIn(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Unchanged if small letters would move the places of the others, as with "İ". */
function inSmallLetters(text: string): string {
  const small = text.toLowerCase();
  return small.length === text.length ? small : text;
}
