/**
 * Reads the steps and their sentences from docs/spec.md (specification-text.ts). The report shows the sentence of the
 * step that a failed case tests, and the check's own tests use the list to find steps without a case.
 */
import { specificationText } from "./specification-text.ts";

interface SpecifiedStep {
  id: string;
  sentence: string;
  /** Whether the step can refuse the request. */
  refuses: boolean;
}

/** Only plainchat's own server has a class mode: these are the calls of a class. */
const CALLS_OF_CLASS =
  /^`(?:teacher|class|pupils|codes|messages|rejoin|hand|progress|export|archives|open|checks)\.[\w.]+`/;
/** Steps of other calls about it. */
const ABOUT_CLASS = /^`[\w.]+` In class mode/;

const STEP = /^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*)$/gm;

/** @returns the lines about a step of every server. check.mjs has only these of the document. */
export function stepLinesIn(text: string): RegExpExecArray[] {
  return [...text.matchAll(STEP)].filter(([line]) => {
    const step = line.slice("- ".length);
    return !CALLS_OF_CLASS.test(step) && !ABOUT_CLASS.test(step);
  });
}

let steps: readonly SpecifiedStep[] | undefined;

/** @returns the steps of every server, in the order of the document, which is read once: a report may have 500 failures. */
export function readSpecification(): readonly SpecifiedStep[] {
  steps ??= stepsOfEveryServer();
  return steps;
}

function stepsOfEveryServer(): SpecifiedStep[] {
  return stepLinesIn(specificationText()).map(([, id = "", sentence = ""]) => ({
    id,
    sentence: sentence.replaceAll("**", ""),
    refuses: /\*\*[45]\d\d\*\*/.test(sentence),
  }));
}

/** What a sentence says that only a later lesson teaches. Without it, the sentence is still true of what is asked. */
export const TAUGHT_LATER: { lesson: number; words: RegExp }[] = [
  { lesson: 7, words: /, the URL free of secrets, `Authorization` Basic(?=\?)/ },
  { lesson: 8, words: /, no input twice(?=\))/ },
  { lesson: 8, words: /, also in NFC, without [^?]+(?=\?)/ },
  { lesson: 8, words: /(?<=\d )whole (?=characters)/ },
];

/** @param lesson the last one that the check was asked for; undefined for the whole specification. */
export function sentenceOf(step: string, lesson = Infinity): string {
  const { sentence = "" } = readSpecification().find(({ id }) => id === step) ?? {};
  return TAUGHT_LATER.filter((each) => each.lesson > lesson).reduce(
    (text, each) => text.replace(each.words, ""),
    sentence,
  );
}
