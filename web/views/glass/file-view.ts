/**
 * A file or a row, before and after a step.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { type Excerpt, type FileTouch, rowIn } from "../../../client/trace.ts";
import { type Phrase, say } from "../../words/language.ts";
import { placeName } from "./place-name.ts";

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
  const isRow = rowIn(path) !== undefined;
  return html`
    <figure class="file" data-did=${did}>
      <figcaption><code>${placeName(path)}</code> ${say(DID[did])}</figcaption>
      ${
        isRead
          ? excerptView(after, "", isRow)
          : html`${excerptView(before, "before", isRow)}${excerptView(after, "after", isRow)}`
      }
    </figure>
  `;
}

function excerptView(
  excerpt: Excerpt | null,
  when: "before" | "after" | "",
  isRow: boolean,
): TemplateResult | typeof nothing {
  if (excerpt === null) {
    if (when === "") return nothing;
    return html`<p class="no-file ${when}">${say(isRow ? `row.${when}None` : `file.${when}None`)}</p>`;
  }
  const { text, bytes, from } = excerpt;
  const label = when === "" ? say("file.contents") : say(`file.${when}`);
  if (text === null) return html`<p class="hidden-text ${when}">${label}: ${say("file.hidden", { count: bytes })}</p>`;
  return html`
    <div class="excerpt ${when}" ?data-row=${isRow}>
      <p>${label} · ${say("file.bytes", { count: bytes })}${from > 0 ? ` · ${say("file.from", { from })}` : ""}</p>
      ${
        text === ""
          ? nothing
          : html`<pre role="group" tabindex="0" aria-label=${label}>${isRow ? inColumns(text) : text}</pre>`
      }
    </div>
  `;
}

/** One line for each column. The text of a row that was too long is cut, and stays as it is. */
function inColumns(text: string): string {
  try {
    const columns = Object.entries(JSON.parse(text));
    return columns.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("\n");
  } catch {
    return text;
  }
}
