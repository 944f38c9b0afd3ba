/**
 * The class secret, in users/secret.dat. The first start makes it from four words that are easy to say aloud. The file
 * is read for each registration, so an edit by hand counts from the next registration on (ruling R11).
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Confidential, Secret } from "../contract.ts";
import { createFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { ConfidentialText } from "./confidential-text.ts";
import { SECRET_WORDS } from "./secret-words.ts";

const WORDS_IN_A_SECRET = 4;

export class ClassSecret implements Secret {
  readonly #path: string;
  /** What the file said when it was last read, in case somebody removes it with its folder. */
  #lastText: string | undefined;

  constructor(paths: Paths) {
    this.#path = paths.secret;
  }

  open(): Confidential | undefined {
    try {
      this.#lastText = readFileSync(this.#path, "utf8");
      return new ConfidentialText(this.#lastText);
    } catch {
      // Whatever the reason, the operation answers 500 at its step, and the person who runs the server sees why.
      return undefined;
    }
  }

  /** Makes the file if it is not there. @returns whether it was made. */
  create(): Promise<boolean> {
    const words = Array.from({ length: WORDS_IN_A_SECRET }, () => SECRET_WORDS[randomInt(SECRET_WORDS.length)]);
    return createFile(this.#path, this.#lastText ?? `${words.join("-")}\n`);
  }
}
