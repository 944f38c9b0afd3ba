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

/** @param isLarge for the wall, where a row has no room for a line for each column. */
export function fileView({ path, did, before, after }: FileTouch, isLarge = false): TemplateResult {
  const isRead = did === "read" || did === "looked for";
  const form = rowIn(path) === undefined ? "file" : isLarge ? "row" : "columns";
  return html`
    <figure class="file" data-did=${did}>
      <figcaption><code>${placeName(path)}</code> ${say(DID[did])}</figcaption>
      ${
        isRead
          ? excerptView(after, "", form)
          : html`${excerptView(before, "before", form)}${excerptView(after, "after", form)}`
      }
    </figure>
  `;
}

function excerptView(
  excerpt: Excerpt | null,
  when: "before" | "after" | "",
  form: "file" | "row" | "columns",
): TemplateResult | typeof nothing {
  if (excerpt === null) {
    if (when === "") return nothing;
    return html`<p class="no-file ${when}">${say(form === "file" ? `file.${when}None` : `row.${when}None`)}</p>`;
  }
  const { text, bytes, from } = excerpt;
  const label = when === "" ? say("file.contents") : say(`file.${when}`);
  if (text === null) return html`<p class="hidden-text ${when}">${label}: ${say("file.hidden", { count: bytes })}</p>`;
  return html`
    <div class="excerpt ${when}" ?data-columns=${form === "columns"}>
      <p>${label} · ${say("file.bytes", { count: bytes })}${from > 0 ? ` · ${say("file.from", { from })}` : ""}</p>
      ${
        text === ""
          ? nothing
          : html`<pre role="group" tabindex="0" aria-label=${label}>${form === "columns" ? inColumns(text) : text}</pre>`
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
