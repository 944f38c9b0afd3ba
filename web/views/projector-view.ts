/**
 * The page on the classroom wall.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Projector } from "../projector/projector.ts";
import { say } from "../words/language.ts";
import { heldBackView } from "./held-back-view.ts";
import { languageChoice } from "./language-choice.ts";
import { boardPanel } from "./wall/board-panel.ts";
import { joinPanel, peoplePanel } from "./wall/join-panel.ts";
import { requestsPanel } from "./wall/requests-panel.ts";
import { withCode } from "./with-code.ts";

export function projectorView(projector: Projector): TemplateResult {
  return html`
    <header class="bar">
      <h1 class="brand"><img src="/web/pages/favicon.svg" alt="" width="24" height="24" />${say("projector.title")}</h1>
      ${
        projector.isClass
          ? html`<p class="connection" role="status" data-state=${projector.connection}>
                <span class="lamp" aria-hidden="true"></span>${say(`connection.${projector.connection}`)}
              </p>
              ${heldBackView(projector.connection)} ${decisions(projector)}`
          : nothing
      }
      <div class="bar-end">${languageChoice(() => projector.draw())}</div>
    </header>
    ${
      projector.isClass
        ? html`<main class="projector" data-crowd=${crowdOf(projector)}>
            <div class="column">${joinPanel(projector)}${peoplePanel(projector)}</div>
            <div class="column">
              ${projector.facts.showsBoard === true ? boardPanel(projector) : html`${requestsPanel(projector)}${journalPanel(projector)}`}
            </div>
          </main>`
        : html`<main><p class="empty">${say("projector.off")}</p></main>`
    }
  `;
}

/** What the teacher has decided for the whole class. */
function decisions({ facts: { lesson, isPaused, showsTexts } }: Projector): TemplateResult {
  return html`<p class="decisions" role="status">
    ${lesson === undefined ? nothing : html`<span>${say("projector.lesson", { lesson })}</span>`}
    ${isPaused ? html`<span data-is="paused">${say("projector.classPaused")}</span>` : nothing}
    ${showsTexts ? html`<span data-is="shown">${say("projector.textsShown")}</span>` : nothing}
  </p>`;
}

/** The more have joined, the smaller the way to join, and the names. */
function crowdOf({ users }: Projector): "few" | "some" | "many" {
  if (users.length <= 10) return "few";
  return users.length <= 24 ? "some" : "many";
}

function journalPanel({ journal }: Projector): TemplateResult {
  return html`
    <section class="panel journal" aria-labelledby="journal">
      <h2 id="journal">
        ${say("projector.journal")}
        <code>${journal.areRows ? say("tables.table", { table: "events" }) : "data/messages/*.jsonl"}</code>
      </h2>
      ${journal.areRows ? html`<p class="hint">${withCode(say("tables.hint"))}</p>` : nothing}
      ${
        journal.shown.length === 0
          ? html`<p class="empty">${say("projector.noJournal")}</p>`
          : html`<ol tabindex="0" aria-labelledby="journal">
              ${repeat(
                journal.shown,
                ({ key }) => key,
                ({ text }) => html`<li><code>${text}</code></li>`,
              )}
            </ol>`
      }
    </section>
  `;
}
