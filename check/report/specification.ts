/**
 * The sentences of the steps, out of docs/spec.md: a failure names the step, and says what it says.
 */
import { readFileSync } from "node:fs";

const DOCUMENT = new URL("../../docs/spec.md", import.meta.url);

export interface SpecifiedStep {
  id: string;
  sentence: string;
  /** Whether it may end in a refusal. */
  refuses: boolean;
}

/** All steps, in the order of the document. */
export function readSpecification(): SpecifiedStep[] {
  const lines = readFileSync(DOCUMENT, "utf8").matchAll(/^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*)$/gm);
  return [...lines].map(([, id = "", sentence = ""]) => ({
    id,
    sentence: sentence.replaceAll("**", ""),
    refuses: /\*\*[45]\d\d\*\*/.test(sentence),
  }));
}
