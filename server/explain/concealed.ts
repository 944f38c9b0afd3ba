/**
 * Texts that must not appear in a trace: tokens and secrets. They are left out where they belong in any case; this is for
 * where somebody has sent them as something else, a token as a handle for instance, or the class secret in a message.
 *
 * Covered is what the request itself calls a secret or a token, and whatever looks like one. What the server keeps is not
 * compared with here: whoever saw what is covered could otherwise try guesses, as many in a request as fit into a message.
 */

/** Nothing shorter is a token or a secret, and a short text could stand anywhere by chance. */
const MIN_CHARACTERS = 12;

/** As the server makes them: a token is 32 letters, digits, `-` and `_`; a class secret is four words. */
const LOOKS_LIKE_ONE = /(?<![\w-])(?:[\w-]{32}|[a-z]{3,12}(?:-[a-z]{3,12}){3})(?![\w-])/g;

export class Concealed {
  readonly #texts = new Map<string, string>();

  add(text: string): void {
    if (text.length < MIN_CHARACTERS) return;
    this.#texts.set(text, coverFor(text));
    // Within a file of JSON, a text with a quote in it is written otherwise.
    this.#texts.set(JSON.stringify(text).slice(1, -1), coverFor(text));
  }

  /** A value as JSON, everything in it covered that has to be. Only the server's own source stays as it is. */
  stringify(value: object): string {
    return JSON.stringify(value, (name, each: unknown) => {
      return typeof each === "string" && name !== "code" ? this.#covered(each) : each;
    });
  }

  #covered(text: string): string {
    let covered = text;
    for (const [concealed, cover] of this.#texts) covered = covered.replaceAll(concealed, cover);
    return covered.replace(LOOKS_LIKE_ONE, coverFor);
  }
}

function coverFor(text: string): string {
  return `(${[...text].length} characters, not shown)`;
}
