/**
 * Draws the text of a lesson. lesson-view.ts calls it. Everything in it stays text, and addresses lead to this server or
 * are links that somebody has to click.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { addressInLesson } from "../../learn/course.ts";
import type { Block, Inline } from "../../learn/markdown.ts";
import { say } from "../../words/language.ts";

const LANGUAGES: Record<string, string> = {
  sh: "Terminal",
  http: "HTTP",
  json: "JSON",
  python: "Python",
  ts: "TypeScript",
  js: "JavaScript",
};

export function blocksView(blocks: Block[], folder: string): TemplateResult[] {
  return blocks.map((block) => blockView(block, folder));
}

function blockView(block: Block, folder: string): TemplateResult {
  switch (block.type) {
    case "heading":
      return html`<h4>${inlineView(block.words, folder)}</h4>`;
    case "list": {
      const items = block.items.map((words) => html`<li>${inlineView(words, folder)}</li>`);
      return block.isOrdered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case "code":
      return html`${codeView(block.text, LANGUAGES[block.language])}
      ${block.text.startsWith("plainchat check ") ? html`<p class="hint">${say("learn.checkHere")}</p>` : nothing}`;
    case "paragraph": {
      const [only] = block.words;
      if (block.words.length === 1 && only?.type === "image") return html`<figure>${imageView(only, folder)}</figure>`;
      return html`<p>${inlineView(block.words, folder)}</p>`;
    }
  }
}

/** @param name of the language, above the code. The keyboard can scroll a long line. */
export function codeView(text: string, name?: string): TemplateResult {
  return html`<div class="code ${name === LANGUAGES.sh ? "of-terminal" : ""}">
    ${name === undefined ? nothing : html`<span class="code-name">${name}</span>`}
    <pre tabindex="0" role="group" aria-label=${name ?? "Code"}><code translate="no">${text}</code></pre>
  </div>`;
}

export function inlineView(words: Inline[], folder: string): (TemplateResult | string)[] {
  return words.map((each) => wordView(each, folder));
}

function wordView(each: Inline, folder: string): TemplateResult | string {
  switch (each.type) {
    case "text":
      return each.text;
    case "code":
      return html`<code translate="no">${each.text}</code>`;
    case "strong":
      return html`<strong>${each.text}</strong>`;
    case "em":
      return html`<em>${each.text}</em>`;
    case "image":
      return imageView(each, folder);
    case "link":
      return linkView(each, folder);
  }
}

function linkView({ text, to }: { text: string; to: string }, folder: string): TemplateResult {
  const address = addressInLesson(folder, to);
  // The code of plainchat is not on this server.
  if (address === undefined) return html`<code translate="no">${text}</code>`;
  return html`<a href=${address} target="_blank" rel="noopener noreferrer">${text}</a>`;
}

function imageView({ alt, from }: { alt: string; from: string }, folder: string): TemplateResult {
  const address = addressInLesson(folder, from);
  return address?.startsWith("/") === true ? html`<img src=${address} alt=${alt} loading="lazy" />` : html`${alt}`;
}
