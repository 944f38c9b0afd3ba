/**
 * The text of a message, as it comes from a file, a pipe, the command line or a paste. Its line breaks become those of
 * Unix, and what is not UTF-8 is refused: otherwise letters would be lost without anybody noticing.
 */
import { CliError, EXIT } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";

/** What decoding puts in the place of bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

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

/** Node has decoded the command line already. @throws {CliError} when it was not UTF-8. */
export function mustBeDecoded(typed: string): string {
  if (!typed.includes(REPLACEMENT)) return typed;
  throw new CliError(
    `The message has a character that could not be read as UTF-8, or is U+FFFD itself. Set your terminal to UTF-8, or use a file: ${LAUNCHER} send HANDLE < FILE`,
    EXIT.usage,
  );
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
