/**
 * The requests of the class on the wall: the one with the moving dot, and the last ones before it.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { ShownRequest } from "../../projector/class-feed.ts";
import type { Projector } from "../../projector/projector.ts";
import { say } from "../../words/language.ts";
import { statusView } from "../status-view.ts";
import { withCode } from "../with-code.ts";
import { currentRequest } from "./current-request.ts";
import { wallSender } from "./wall-sender.ts";

export function requestsPanel(projector: Projector): TemplateResult {
  const { feed, asTable } = projector;
  const [first, ...others] = feed.shown;
  const toggle = () => {
    projector.asTable = !asTable;
    projector.draw();
  };
  const isNothingWaiting = feed.waiting.length === 0;
  return html`
    <section class="panel flowing" aria-labelledby="flowing">
      <div class="panel-head">
        <h2 id="flowing">${say("projector.requests")}</h2>
        <div class="tools" role="toolbar" aria-labelledby="flowing">
          <button type="button" aria-pressed=${feed.isPaused} @click=${() => projector.pauseOrGoOn()}>
            ${say(feed.isPaused ? "projector.goOn" : "projector.pause")}
          </button>
          <button type="button" ?disabled=${isNothingWaiting} @click=${() => feed.next()}>
            ${say("projector.step")}
          </button>
          <button type="button" ?disabled=${isNothingWaiting} @click=${() => projector.skipToNewest()}>
            ${say("projector.toNewest")}
          </button>
          <button type="button" ?disabled=${first === undefined || feed.isPaused} @click=${() => feed.player.replay()}>
            ${say("projector.replay")}
          </button>
          <button type="button" aria-pressed=${asTable} @click=${toggle}>${say("projector.asTable")}</button>
        </div>
      </div>
      <p class="waiting" ?data-paused=${feed.isPaused}>
        ${feed.isPaused ? html`<b>${say("projector.paused")}</b>` : nothing}
        ${isNothingWaiting ? nothing : html`<span>${say("projector.waiting", { count: feed.waiting.count })}</span>`}
        ${projector.isOneOfSeveral ? html`<span>${say("projector.oneOfSeveral")}</span>` : nothing}
        ${feed.leftOut === 0 ? nothing : html`<span>${say("glass.missed", { count: feed.leftOut })}</span>`}
      </p>
      ${
        first === undefined
          ? html`<p class="empty">${say("projector.noRequests")}</p>`
          : asTable
            ? requestsTable(projector)
            : html`${currentRequest(projector, first)}
                <ol class="past" tabindex="0" aria-label=${say("glass.requests")}>
                  ${repeat(
                    others,
                    ({ key }) => key,
                    (request) => pastRequest(projector, request),
                  )}
                </ol>`
      }
    </section>
  `;
}

function pastRequest(projector: Projector, request: ShownRequest): TemplateResult {
  const { method, path, status, trace } = request;
  return html`
    <li>
      ${statusView(status)}
      ${wallSender(projector, request)}
      <span class="call"><b>${method}</b> ${path.replace("/api/v1", "")}</span>
      <span class="small-track" aria-hidden="true">
        ${trace.steps.map(({ outcome }) => html`<i data-outcome=${outcome}></i>`)}
      </span>
    </li>
  `;
}

function requestsTable(projector: Projector): TemplateResult {
  return html`
    <div class="tables" tabindex="0" role="group" aria-labelledby="flowing">
      <table>
        <caption class="visually-hidden">${say("projector.requests")}</caption>
        <thead>
          <tr>
            <th scope="col">${say("table.who")}</th>
            <th scope="col">${say("table.call")}</th>
            <th scope="col">${say("table.status")}</th>
            <th scope="col">${say("table.stoppedAt")}</th>
            <th scope="col">${say("table.milliseconds")}</th>
          </tr>
        </thead>
        <tbody>
          ${projector.feed.shown.map((request) => {
            const { method, path, status, trace, milliseconds } = request;
            const stop = trace.steps.find(({ outcome }) => outcome === "stop");
            return html`
              <tr data-outcome=${trace.reason === undefined ? "pass" : "stop"}>
                <th scope="row">${wallSender(projector, request)}</th>
                <td>${method} ${path}</td>
                <td>${status}</td>
                <td>${stop === undefined ? nothing : html`<b>${stop.id}</b> `}${withCode(trace.reason ?? "")}</td>
                <td class="number">${milliseconds?.toFixed(2)}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    </div>
  `;
}
