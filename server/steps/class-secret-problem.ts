/**
 * Finds out whether anybody can register with the class secret, which somebody may have edited by hand. It answers with
 * a sentence for the person who runs the server, at the start, in the log, at /readyz and in `plainchat doctor`. The
 * sentence must not contain the secret.
 */
import { SECRET_LENGTH } from "./limits.ts";

/** What is in users/secret.dat, or in a few words why it cannot be read. */
export type SecretFile = { text: string } | { unreadable: string };

export interface SecretProblem {
  what: string;
  /** What to do about it. */
  advice: string;
}

const LENGTH = `${SECRET_LENGTH.min} to ${SECRET_LENGTH.max} characters`;

const WRITE_IT = `Write ${LENGTH} into users/secret.dat in the data folder, as the user who runs the server.`;
const TYPE_IT_AGAIN = "Type the secret again, in an editor, into users/secret.dat in the data folder.";

/**
 * Characters that are not on a keyboard, and mostly not visible either: control and format characters, half characters,
 * blanks of other widths, and the mark for something unreadable. Some languages and some emoji need the joiners U+200C
 * and U+200D; U+3000 is the blank of Japanese keyboards.
 */
const NOBODY_TYPES = /(?!\u200c|\u200d|\u3000| )[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}\ufffd]/u;

/** Why nobody can register. Undefined if the secret is fine. */
export function problemOfSecret(file: SecretFile): SecretProblem | undefined {
  if ("unreadable" in file) {
    return {
      what: `The class secret cannot be read: ${file.unreadable}. So nobody can register.`,
      advice: WRITE_IT,
    };
  }
  const { text } = file;
  if (text === "") return problem("is empty", WRITE_IT);
  if (/[\r\n]/.test(text)) return problem("has a line break in it", "Put one secret on one line of users/secret.dat.");
  const unusual = NOBODY_TYPES.exec(text)?.[0]?.codePointAt(0);
  if (unusual !== undefined) {
    const name = unusual.toString(16).toUpperCase().padStart(4, "0");
    return problem(`has a character that nobody can type (U+${name}) in it`, TYPE_IT_AGAIN);
  }
  if (text !== text.normalize("NFC"))
    return problem("has a letter in two parts, such as u and an accent", TYPE_IT_AGAIN);
  const characters = [...text].length;
  if (characters >= SECRET_LENGTH.min && characters <= SECRET_LENGTH.max) return undefined;
  return problem(`must be ${LENGTH} long. It has ${characters}`, WRITE_IT);
}

function problem(what: string, advice: string): SecretProblem {
  return { what: `The class secret ${what}, so nobody can register.`, advice };
}
