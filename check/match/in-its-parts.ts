/**
 * Tells apart what looks the same: e and the accent U+0301 are drawn like é, but they are another text. Such characters
 * are written as e\u0301. The sentences about a reply (show.ts) and the report, where what was expected stands above
 * what came, use it. Other texts of people stay as they typed them.
 */

const SEGMENTER = new Intl.Segmenter();

/** Shows the parts of each character that Unicode's form NFC would put together or replace. */
export function inItsParts(text: string): string {
  if (text.normalize("NFC") === text) return text;
  return Array.from(SEGMENTER.segment(text), ({ segment }) => {
    if (segment.normalize("NFC") === segment) return segment;
    const [first = "", ...others] = segment;
    const isPlain = first.normalize("NFC") === first;
    return (isPlain ? first : escaped(first)) + others.map(escaped).join("");
  }).join("");
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }).join("");
}
