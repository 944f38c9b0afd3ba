/**
 * A file, before and after a step.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Excerpt, FileTouch } from "../../../client/trace.ts";
import { type Phrase, say } from "../../words/language.ts";

export const DID: Record<FileTouch["did"], Phrase> = {
  "looked for": "file.lookedFor",
  read: "file.read",
  created: "file.created",
  "appended to": "file.appended",
  changed: "file.changed",
  removed: "file.removed",
};

export function fileView({ path, did, before, after }: FileTouch): TemplateResult {
  const isRead = did === "read" || did === "looked for";
  return html`
    <figure class="file" data-did=${did}>
      <figcaption><code>${path}</code> ${say(DID[did])}</figcaption>
      ${isRead ? excerptView(after, "") : html`${excerptView(before, "before")}${excerptView(after, "after")}`}
    </figure>
  `;
}

function excerptView(excerpt: Excerpt | null, when: "before" | "after" | ""): TemplateResult | typeof nothing {
  if (excerpt === null) return when === "" ? nothing : html`<p class="no-file ${when}">${say(`file.${when}None`)}</p>`;
  const { text, bytes, from } = excerpt;
  const label = when === "" ? say("file.contents") : say(`file.${when}`);
  if (text === null) return html`<p class="hidden-text ${when}">${label}: ${say("file.hidden", { count: bytes })}</p>`;
  return html`
    <div class="excerpt ${when}">
      <p>${label} · ${say("file.bytes", { count: bytes })}${from > 0 ? ` · ${say("file.from", { from })}` : ""}</p>
      ${text === "" ? nothing : html`<pre role="group" tabindex="0" aria-label=${label}>${text}</pre>`}
    </div>
  `;
}
