/**
 * Says which byte keeps a text from being UTF-8. json-object.ts calls it for a body, inputs.ts for credentials. It must
 * not show more of the text than this byte, because the text may contain a secret.
 */

/** What decoding puts in the place of bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/** @returns such as "byte 17 (0xe9) cannot be read", counted from 1. The bytes must not be UTF-8. */
export function wrongByte(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  let [place, from] = [0, 0];
  for (let i = text.indexOf(REPLACEMENT); i !== -1; i = text.indexOf(REPLACEMENT, from)) {
    place += Buffer.byteLength(text.slice(from, i));
    // The character may also be in the text.
    if (bytes.toString("hex", place, place + 3) !== "efbfbd") break;
    place += 3;
    from = i + 1;
  }
  return `byte ${place + 1} (0x${bytes.toString("hex", place, place + 1)}) cannot be read`;
}
