/**
 * A sentence of the specification: what stands between backquotes in it is a name in the code.
 */
import { html, type TemplateResult } from "lit-html";

export function withCode(sentence: string): (TemplateResult | string)[] {
  return sentence.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));
}
