/**
 * The class secret, in users/secret.dat. The first start makes it from five words that are easy to say aloud. The file
 * is read for each registration, so an edit by hand counts from the next registration on (ruling R11).
 */
import { readFileSync, statSync } from "node:fs";
import type { Confidential, Secret } from "../contract.ts";
import { codeOf } from "../error-code.ts";
import { createFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { ConfidentialText } from "./confidential-text.ts";
import { makeSecret } from "./make-secret.ts";

/** Far more than a secret needs. A larger file is something else, and reading it would hold up the server. */
const MAX_BYTES = 4096;

/** Why the file cannot be read, by the code of the error. */
const REASONS: Record<string, string> = {
  ENOENT: "users/secret.dat is missing",
  EACCES: "users/secret.dat belongs to another user",
  EPERM: "users/secret.dat belongs to another user",
  ERR_ENCODING_INVALID_ENCODED_DATA:
    "users/secret.dat is not text in UTF-8. Save it as UTF-8; Windows PowerShell writes UTF-16 unless you tell it otherwise",
};

export class ClassSecret implements Secret {
  readonly #path: string;
  /** What the file said when it was last read, in case somebody removes it with its folder. */
  #lastText: string | undefined;

  constructor(paths: Paths) {
    this.#path = paths.secret;
  }

  /** Undefined if the file cannot be read, whatever the reason: the operation answers 500 at its step. */
  open(): Confidential | undefined {
    const file = this.read();
    return "unreadable" in file ? undefined : new ConfidentialText(file.text);
  }

  /** The secret as the file has it, or in a few words why it cannot be read. */
  read(): { text: string } | { unreadable: string } {
    try {
      const file = statSync(this.#path);
      if (!file.isFile()) return { unreadable: "users/secret.dat is not a file" };
      if (file.size > MAX_BYTES) return { unreadable: "users/secret.dat is far too long" };
      const contents = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(this.#path));
      this.#lastText = contents;
      return { text: new ConfidentialText(contents).text };
    } catch (error) {
      const code = codeOf(error) ?? "";
      return { unreadable: REASONS[code] ?? `users/secret.dat gives the error ${code}` };
    }
  }

  /** Makes the file if it is not there. @returns whether it was made. */
  create(): Promise<boolean> {
    return createFile(this.#path, this.#lastText ?? `${makeSecret()}\n`);
  }
}
