/**
 * Finds everything in a text that looks like a token or a class secret, real or not, and covers it. concealed.ts does
 * it for traces, and server/log.ts for the log.
 *
 * It must not compare anything with what the server has stored: a client that sees what is covered could then test its
 * guesses, and as many in one request as fit in a message.
 */
import { SECRET_WORDS } from "./secret-words.ts";

/** A token as the server makes it: 32 letters, digits, `-` and `_`. */
const TOKEN = /(?<![\w-])[\w-]{32}(?![\w-])/g;
/** A part of a token, or a token with something before it, such as `\ntoken`. Only if it looks random, too. */
const LONG_RUN = /[\w-]{16,}/g;
/** A class secret as a person may choose it: four words or more with hyphens. */
const WORDS = /[a-z]{3,12}(?:-[a-z]{3,12}){3,}/gi;
/** A class secret as the server makes it, or more than half of one, however its words are separated. */
const ITS_WORDS = ((word) => new RegExp(`${word}(?:[\\W_]{0,3}${word}){2,}`, "gi"))(`(?:${SECRET_WORDS.join("|")})`);

/** @returns the text with a cover over each part that looks secret, in whatever form it is written. */
export function coverSecrets(text: string): string {
  return coverEncoded(coverPlain(text), (decoded) => coverPlain(decoded) !== decoded);
}

/** What stands in the place of a text that nobody may see. */
export function coverFor(text: string): string {
  return `(${[...text].length} characters, not shown)`;
}

/** The same for a text that nobody has encoded. */
export function coverPlain(text: string): string {
  return text
    .replace(WORDS, coverFor)
    .replace(ITS_WORDS, coverFor)
    .replace(TOKEN, coverFor)
    .replace(LONG_RUN, (run) => (isRandom(run) ? coverFor(run) : run));
}

/** A capital letter next to a small one, a letter next to a digit. Random text has two in three places. */
const CHANGE = /(?<=[a-z])[^a-z]|(?<=[A-Z])[^A-Z]|(?<=\d)\D|(?<=[_-])[A-Za-z\d]/g;
/** A run that is nearly as long as a token. A shorter one may also be a name, such as `MaxMustermann2012`. */
const NEARLY_A_TOKEN = 28;

function isRandom(run: string): boolean {
  // A hash in hex has no capital letters.
  if (!/[A-Z]/.test(run)) return false;
  const changes = run.match(CHANGE)?.length ?? 0;
  if (run.length >= NEARLY_A_TOKEN) return changes >= run.length / 3;
  return changes >= run.length * 0.45 && /\d/.test(run);
}

/** Escapes of URLs, JSON and HTML: `%2D`, `\u002d`, `\x2d`, `&#45;`. */
const ESCAPE = /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,6});|&#(\d{1,7});/gi;
const BASE64_RUN = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const HEX_RUN = /(?:[0-9a-f]{2}){12,}/gi;
/** What decodes to anything else is no text, and most runs of letters do. So this saves nearly all the work. */
const TEXT = /[ -~\u00a0-\ufffc]{12}/;

/**
 * Covers each part of a text that hides something when it is decoded. Twice, because something encoded may be encoded
 * again, as a header in a URL is.
 * @param isSecret tells it of a decoded part.
 */
export function coverEncoded(text: string, isSecret: (decoded: string) => boolean, depth = 2): string {
  const hides = (decoded: string): boolean =>
    TEXT.test(decoded) && (isSecret(decoded) || (depth > 1 && coverEncoded(decoded, isSecret, depth - 1) !== decoded));
  return text
    .replace(/\S+/g, (run) => {
      const decoded = run.replace(ESCAPE, (_, ...codes: (string | undefined)[]) => characterOf(codes.slice(0, 5)));
      return decoded !== run && hides(decoded) ? coverFor(run) : run;
    })
    .replace(BASE64_RUN, (run) => {
      // Something may come right before it, so it may begin at any of the first four characters.
      const isHidden = [0, 1, 2, 3].some((start) => hides(Buffer.from(run.slice(start), "base64").toString()));
      return isHidden ? coverFor(run) : run;
    })
    .replace(HEX_RUN, (run) => (hides(Buffer.from(run, "hex").toString()) ? coverFor(run) : run));
}

/** @param codes what ESCAPE found: only one is there. The last is decimal. */
function characterOf(codes: (string | undefined)[]): string {
  const decimal = codes[4];
  const code = Number.parseInt(codes.find((each) => each !== undefined) ?? "", decimal === undefined ? 16 : 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}
