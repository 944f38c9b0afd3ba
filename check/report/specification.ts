/**
 * Reads the steps and their sentences from docs/spec.md (specification-text.ts). The report shows the sentence of the step that a failed case
 * tests, and the check's own tests use the list to find steps without a case.
 */
import { specificationText } from "./specification-text.ts";

interface SpecifiedStep {
  id: string;
  sentence: string;
  /** Whether the step can refuse the request. */
  refuses: boolean;
}

/** @returns all steps, in the order of the document. */
export function readSpecification(): SpecifiedStep[] {
  const lines = specificationText().matchAll(/^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*)$/gm);
  return [...lines].map(([, id = "", sentence = ""]) => ({
    id,
    sentence: sentence.replaceAll("**", ""),
    refuses: /\*\*[45]\d\d\*\*/.test(sentence),
  }));
}
