/**
 * Hides tokens and secrets in a trace. The inputs `secret` and `myAuth` are never shown anyway. This is for clients
 * that send them as something else, such as a token as a handle, or the class secret in a message. trace-recorder.ts
 * uses it.
 *
 * It hides what the request itself calls a secret or a token, and everything that looks like one. It must not compare
 * anything with what the server has stored: a client that sees what is hidden could then test its guesses, and as many
 * in one request as fit in a message.
 */

/** Tokens and secrets are never shorter, and a shorter text could appear anywhere by chance. */
const MIN_CHARACTERS = 12;

/** The forms that the server makes: a token is 32 letters, digits, `-` and `_`; a class secret is four words. */
const LOOKS_LIKE_ONE = /(?<![\w-])(?:[\w-]{32}|[a-z]{3,12}(?:-[a-z]{3,12}){3})(?![\w-])/g;

export class Concealed {
  readonly #texts = new Map<string, string>();

  add(text: string): void {
    if (text.length < MIN_CHARACTERS) return;
    this.#texts.set(text, coverFor(text));
    // Inside a JSON file, a text with a quote in it is written with a backslash.
    this.#texts.set(JSON.stringify(text).slice(1, -1), coverFor(text));
  }

  /** Turns a value into JSON and hides every secret in it. Only the server's own source, `code`, stays unchanged. */
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
