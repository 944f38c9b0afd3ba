/**
 * What the text of a message may be. The server decides; this finds out what it will say, and names the character that
 * it does not take: nobody can see it.
 */

/** In code points, like the server. */
export const MAX_CHARACTERS = 4096;

/** Control characters except line breaks and tabs, and halves of characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Surrogate}/gu;
/** Blanks, and characters that nobody sees. */
const NOTHING_TO_SEE = /^[\s\u2800\p{Default_Ignorable_Code_Point}]*$/u;
/** The short names of the control characters from U+0000 on. */
const NAMES =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );
const DELETE = 0x7f;
/** How much text before the character says where it is. */
const BEFORE_CHARACTERS = 20;

export interface ForbiddenCharacter {
  /** Where it is in the text. */
  index: number;
  /** Such as "U+001B (ESC)". */
  name: string;
  /** The end of the line before it. */
  before: string;
}

/** The first character that the server does not take. */
export function forbiddenIn(text: string): ForbiddenCharacter | undefined {
  const index = text.search(FORBIDDEN);
  if (index === -1) return undefined;
  const code = text.charCodeAt(index);
  const short = code === DELETE ? "DEL" : NAMES[code];
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const before = text.slice(0, index).split("\n").at(-1) ?? "";
  return {
    index,
    name: short === undefined ? number : `${number} (${short})`,
    before: [...before].slice(-BEFORE_CHARACTERS).join("").trim(),
  };
}

export function withoutForbidden(text: string): string {
  return text.replace(FORBIDDEN, "");
}

/** Whether nobody would see anything. */
export function isBlank(text: string): boolean {
  return NOTHING_TO_SEE.test(text);
}

export function countCharacters(text: string): number {
  return [...text].length;
}
