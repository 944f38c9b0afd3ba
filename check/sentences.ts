/**
 * Splits docs/spec.md into its sentences, so that sentences.json can say which case checks each of them.
 * sentences.test.ts calls it. It leaves out what other tests hold against the code: the steps and the examples.
 */
interface SpecifiedSentence {
  /** The heading above it, without its number signs. */
  heading: string;
  /** A sentence of a paragraph or of a list, or a row of a table, in one line. */
  says: string;
}

const CODE_BLOCK = /^```[\s\S]*?^```$/gm;
/** With the line under it, which has only dashes. */
const TABLE_HEAD = /^\|.*\|\n\|[-| ]+\|$/gm;
const HEADING = /^#+ (.*)$/;
const STEP = /^- `[a-z]+\.[a-z]+\.[\d.]+` /;
/** Stands in front of a list, a table or a paragraph and says nothing by itself. */
const LABEL = /^\*\*(?:Purpose\.|Inputs|Operation|Who am I\?)\*\*/;
const BETWEEN_SENTENCES = /(?<=[.?!](?:\*\*)?)\s+(?=[A-Z`*"$([])/;

/** @returns all sentences of the specification, in the order of the document. */
export function readSentences(text: string): SpecifiedSentence[] {
  const sentences: SpecifiedSentence[] = [];
  let heading = "";
  for (const part of partsOf(text)) {
    const [, title] = HEADING.exec(part) ?? [];
    if (title !== undefined) heading = title;
    else if (!STEP.test(part)) sentences.push(...sentencesIn(part).map((says) => ({ heading, says })));
  }
  return sentences;
}

/** @returns each paragraph, list item, heading and table row as one line. */
function partsOf(text: string): string[] {
  return text
    .replace(CODE_BLOCK, "")
    .replace(TABLE_HEAD, "")
    .split(/\n\s*\n|\n(?=[-|#])/)
    .map((part) => part.replace(/\s*\n\s*/g, " ").trim())
    .filter((part) => part !== "");
}

function sentencesIn(part: string): string[] {
  if (part.startsWith("|")) return [part];
  const text = part.replace(/^- /, "").replace(LABEL, "").trim();
  return text === "" ? [] : text.split(BETWEEN_SENTENCES);
}
