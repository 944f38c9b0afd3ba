/**
 * Makes a text safe to print on a terminal. A text from a server may contain characters that move the cursor, change
 * the window's title or turn a line around, and others that nobody can see. Each of them is printed as JSON writes it,
 * such as \u001b. The reports of the check and all of the terminal program use it.
 */

/** Joiners and variation selectors belong in emoji, and in words of scripts such as Arabic and Hindi. */
const AT_ITS_PLACE = [
  String.raw`(?<=[[\p{M}--\p{Script=Inherited}]\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}]|[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)[\u200c\u200d](?=[\p{L}\p{M}\p{Extended_Pictographic}])`,
  String.raw`(?<=[\p{Extended_Pictographic}\p{Ideographic}\p{Script=Mongolian}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u180b-\u180d\u180f]`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  // The flags of England, Scotland and Wales.
  String.raw`(?<=\u{1f3f4})[\u{e0061}-\u{e007a}]{1,8}\u{e007f}`,
].join("|");

/** Control characters but line breaks and tabs, half characters, and everything that is drawn as nothing. */
const HIDDEN = String.raw`[[\p{Cc}--[\n\t]]\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]`;

const EITHER = new RegExp(`(${AT_ITS_PLACE})|${HIDDEN}`, "gv");

/** Line breaks and tabs stay as they are. */
export function visible(text: string): string {
  return text.replace(EITHER, (found, atItsPlace?: string) => atItsPlace ?? escaped(found));
}

/** For a text in the middle of a line: line breaks and tabs are shown as well. */
export function visibleInLine(text: string): string {
  return visible(text).replace(/[\n\t]/g, escaped);
}

function escaped(characters: string): string {
  return Array.from({ length: characters.length }, (_, i) => {
    return `\\u${characters.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }).join("");
}
