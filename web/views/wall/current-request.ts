/**
 * The request with the moving dot, large enough to read from the last row: the steps as dots, the sentence of the
 * current one, and beside each other its code and what it did with a file.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { answered, type FileTouch, type TracedStep } from "../../../client/trace.ts";
import { shortName } from "../../glass/folder-tree.ts";
import type { ShownRequest } from "../../projector/class-feed.ts";
import type { Projector } from "../../projector/projector.ts";
import { say } from "../../words/language.ts";
import { fileView } from "../glass/file-view.ts";
import { statusView } from "../status-view.ts";
import { withCode } from "../with-code.ts";
import { wallSender } from "./wall-sender.ts";

export function currentRequest(projector: Projector, request: ShownRequest): TemplateResult {
  const { player } = projector.feed;
  const { step, way, position, isAtEnd } = player;
  const { trace } = request;
  const passed = new Set(way.slice(0, position + 1).map(({ id }) => id));
  return html`
    <article class="current">
      <h3>
        ${wallSender(projector, request)}
        <span class="wall-call"><b>${request.method}</b> ${request.path}</span>
        ${isAtEnd ? statusView(request.status) : nothing}
      </h3>
      <ol class="track" aria-hidden="true">
        ${trace.steps.map(
          ({ id, outcome }) => html`<li
            data-outcome=${outcome === "not reached" ? outcome : passed.has(id) ? outcome : "ahead"}
            ?data-here=${id === step?.id}
          ></li>`,
        )}
      </ol>
      <p class="now">
        <span class="step-id">${step?.id ?? ""}</span>
        <span>${step === undefined ? "" : withCode(step.outcome === "pass" ? answered(step, trace.steps) : step.sentence)}</span>
      </p>
      <p class="refusal" ?hidden=${!isAtEnd || trace.reason === undefined}>${withCode(trace.reason ?? "")}</p>
      ${
        step === undefined
          ? nothing
          : html`<div class="beside">
              <div class="wall-code">
                <p class="place">${step.source.file}:${step.source.line}</p>
                <pre class="source" role="group" tabindex="0" aria-label=${say("steps.source")}><code>${step.source.code}</code></pre>
              </div>
              <div class="wall-files" role="group" tabindex="0" aria-label=${say(trace.database ? "tables.name" : "folder.name")}>
                ${filesToShow(way.slice(0, position + 1)).map((file) => fileView({ ...file, path: shortName(file.path) }))}
              </div>
            </div>`
      }
    </article>
  `;
}

/** The files of the step, or else the last that the request changed, or else the last that it read. */
function filesToShow(way: readonly TracedStep[]): readonly FileTouch[] {
  const files = way.at(-1)?.files ?? [];
  if (files.length > 0) return files;
  const changes = (touch: FileTouch) => touch.did !== "read" && touch.did !== "looked for";
  const step = way.findLast((each) => each.files.some(changes)) ?? way.findLast((each) => each.files.length > 0);
  return step?.files ?? [];
}
