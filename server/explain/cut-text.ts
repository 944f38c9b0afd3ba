/**
 * Cuts a text that is too long to show. Call it only after everything secret in the text is covered: half a secret
 * would not be found.
 */
import { StringDecoder } from "node:string_decoder";

const NEWLINE = 0x0a;

/** @returns whole lines of at most `maxBytes` bytes together, or the beginning of the first line if it is longer. */
export function cutText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, maxBytes);
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  // Unlike Buffer.toString(), this leaves out a character of which only the first bytes are there.
  return new StringDecoder("utf8").write(end === 0 ? bytes : bytes.subarray(0, end));
}
