/**
 * The text of a message, as it comes from a file, a pipe, the command line or a paste. Its line breaks become those of
 * Unix, and what is not UTF-8 is refused: otherwise letters would be lost without anybody noticing.
 */
import { buffer } from "node:stream/consumers";
import { CliError, EXIT } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";

/** What decoding puts in the place of bytes that are not UTF-8. */
export const REPLACEMENT = "\ufffd";
/** Unlike "- item", "-5" or "->". */
const OPTION = /^--?[a-z][\w-]*(=|$)/i;

/** Windows ends lines with two characters, and a terminal pastes the one that Enter sends. */
export function withUnixLineBreaks(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/**
 * The text in the bytes, without the mark (BOM) that some editors put at its start.
 * @param what names the source in the error, such as "Standard input".
 * @param before how many bytes came before these.
 * @throws {CliError} when it is not UTF-8.
 */
export function textOf(bytes: Buffer, what: string, before = 0): string {
  const text = bytes.toString("utf8");
  const place = placeOfMistake(bytes, text);
  if (place === undefined) return before === 0 ? text.replace(/^\ufeff/, "") : text;
  const hex = (bytes[place] ?? 0).toString(16).padStart(2, "0");
  throw new CliError(
    `${what} is not UTF-8: nothing can be made of byte 0x${hex} at offset ${before + place}. Convert it first, for example: iconv -f ${encodingOf(bytes)} -t utf-8 FILE`,
    EXIT.usage,
  );
}

/** The text from the words of the command line. @throws {CliError} when they were not UTF-8. */
export function textOfWords(words: string[]): string {
  const text = words.join(" ");
  // Node has decoded the words already.
  if (text.includes(REPLACEMENT)) {
    throw new CliError(
      `A character of the message could not be read as UTF-8. Set your terminal to UTF-8, or put the message into a file: ${LAUNCHER} send HANDLE < FILE`,
      EXIT.usage,
    );
  }
  return withUnixLineBreaks(text);
}

/**
 * The message from the words of the command line, or from standard input if there are none.
 * @param command how to type it. @throws {CliError} when there is no message, or it is not UTF-8.
 */
export async function messageFrom(words: string[], command: string): Promise<string> {
  if (words.length > 0) return textOfWords(words);
  if (process.stdin.isTTY) throw new CliError(`The message is missing: ${LAUNCHER} ${command}`, EXIT.usage);
  return withUnixLineBreaks(textOf(await buffer(process.stdin), "Standard input")).replace(/\n$/, "");
}

/** For a command that takes unknown options as text. @throws {CliError} when one of them could be a misspelt option. */
export function mustBeWords(words: string[]): void {
  const option = process.argv.includes("--") ? undefined : words.find((word) => OPTION.test(word));
  if (option === undefined) return;
  throw new CliError(`There is no option "${option}" here. If it is text, put -- before it`, EXIT.usage);
}

/** The index of the first byte that is not UTF-8. */
function placeOfMistake(bytes: Buffer, text: string): number | undefined {
  let [place, from] = [0, 0];
  for (let i = text.indexOf(REPLACEMENT); i !== -1; i = text.indexOf(REPLACEMENT, from)) {
    place += Buffer.byteLength(text.slice(from, i));
    // The character may also be in the text.
    if (bytes.toString("hex", place, place + 3) !== "efbfbd") return place;
    place += 3;
    from = i + 1;
  }
  return undefined;
}

/** A guess, for the line that people copy. */
function encodingOf(bytes: Buffer): string {
  const start = bytes.toString("hex", 0, 2);
  return start === "fffe" || start === "feff" ? "utf-16" : "latin1";
}
