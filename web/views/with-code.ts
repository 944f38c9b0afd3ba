/**
 * Shows a sentence of the specification. Names between backquotes are shown as code.
 */
import { html, type TemplateResult } from "lit-html";

export function withCode(sentence: string): (TemplateResult | string)[] {
  return sentence.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));
}
