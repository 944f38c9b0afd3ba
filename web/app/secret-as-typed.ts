/**
 * What somebody may have meant who types the class secret: phones write the first letter large, and a secret that is
 * read aloud has no hyphens. The server compares exactly, so the page tries what was typed, and then what was meant.
 */

/** Words as the server makes them: river-candle-orbit-maple. */
const WORDS = /^[a-z]{3,}(-[a-z]{3,}){2,5}$/;

/** @returns the secrets to try, first the one that was typed: a teacher may have chosen one with blanks and capitals. */
export function secretsMeantBy(typed: string): string[] {
  const exact = typed.trim();
  const meant = exact
    .normalize("NFKC")
    .toLowerCase()
    // Invisible: a place where a word may be broken.
    .replaceAll("\u00ad", "")
    // A stroke, a blank, a comma and the like between two words, and quotes around all of them.
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return meant !== exact && WORDS.test(meant) ? [exact, meant] : [exact];
}
