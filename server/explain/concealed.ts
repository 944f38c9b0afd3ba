/**
 * Texts that must not appear in a trace: tokens and secrets, the right ones and those that were tried. They are left out
 * where they belong in any case; this is for where somebody has sent them as something else, a token as a handle for
 * instance, or the class secret in a message.
 */

/** Nothing shorter is a token or a secret, and a short text could stand anywhere by chance. */
const MIN_CHARACTERS = 12;

export class Concealed {
  readonly #texts = new Map<string, string>();

  add(text: string): void {
    if (text.length < MIN_CHARACTERS) return;
    const cover = `(${[...text].length} characters, not shown)`;
    this.#texts.set(text, cover);
    // Within a file of JSON, a text with a quote in it is written otherwise.
    this.#texts.set(JSON.stringify(text).slice(1, -1), cover);
  }

  /** A value as JSON, every concealed text in it covered. */
  stringify(value: object): string {
    return JSON.stringify(value, (_name, each: unknown) => (typeof each === "string" ? this.#covered(each) : each));
  }

  #covered(text: string): string {
    let covered = text;
    for (const [concealed, cover] of this.#texts) covered = covered.replaceAll(concealed, cover);
    return covered;
  }
}
