/**
 * The glass: the requests on top, and below them what the server did with the open one.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { App } from "../../app/app.ts";
import type { Glass } from "../../glass/glass.ts";
import type { SeenRequest } from "../../glass/seen-request.ts";
import { say } from "../../words/language.ts";
import { heldBackView } from "../held-back-view.ts";
import { senderView } from "../sender-view.ts";
import { statusView } from "../status-view.ts";
import { withCode } from "../with-code.ts";
import { folderView } from "./folder-view.ts";
import { playerControls } from "./player-controls.ts";
import { snippetsView } from "./snippets-view.ts";
import { stepsView } from "./steps-view.ts";
import { filesTable, stepsTable } from "./trace-tables.ts";

export function glassView(app: App): TemplateResult {
  const { glass } = app;
  return html`
    <aside class="glass" aria-label=${say("glass.name")}>
      <header class="glass-bar">
        <h2>${say("glass.name")}</h2>
        ${glass.isClass ? sourceChoice(app) : nothing}
        <button type="button" class="close" aria-label=${say("glass.close")} @click=${() => app.toggleGlass()}>×</button>
      </header>
      <div class="glass-content">
        ${listControls(app)} ${requestList(app)}
        ${glass.selected === undefined ? html`<p class="empty">${say("glass.empty")}</p>` : requestView(app, glass.selected)}
      </div>
    </aside>
  `;
}

function sourceChoice({ glass }: App): TemplateResult {
  const choice = (which: Glass["shows"]) => html`
    <button type="button" aria-pressed=${glass.shows === which} @click=${() => glass.show(which)}>
      ${say(which === "own" ? "glass.own" : "glass.class")}
    </button>
  `;
  return html`<div class="choice" role="group" aria-label=${say("glass.whose")}>${choice("own")}${choice("class")}</div>`;
}

function listControls(app: App): TemplateResult {
  const { glass } = app;
  const toggle = (name: "asTable" | "showsBackground") => () => {
    glass[name] = !glass[name];
    app.draw();
  };
  return html`
    <div class="tools" role="toolbar" aria-label=${say("glass.tools")}>
      <button type="button" aria-pressed=${glass.isStopped} @click=${() => glass.stopOrGoOn()}>
        ${say("glass.stopList")}
      </button>
      <button type="button" aria-pressed=${glass.isFollowing} @click=${() => glass.follow(!glass.isFollowing)}>
        ${say("glass.follow")}
      </button>
      <button type="button" aria-pressed=${glass.asTable} @click=${toggle("asTable")}>${say("glass.asTable")}</button>
      <button type="button" aria-pressed=${glass.showsBackground} @click=${toggle("showsBackground")}>
        ${say("glass.background")}
      </button>
    </div>
    ${glass.shows === "class" ? html`<p class="hint" role="status">${say(`connection.${glass.watching}`)}</p>${heldBackView(glass.watching)}` : nothing}
    ${glass.missed === 0 ? nothing : html`<p class="hint">${say("glass.missed", { count: glass.missed })}</p>`}
    ${glass.watchError === undefined ? nothing : html`<p class="error" role="alert">${glass.watchError}</p>`}
  `;
}

function requestList({ glass }: App): TemplateResult {
  return html`
    <ol class="requests" data-of=${glass.shows} tabindex="0" aria-label=${say("glass.requests")}>
      ${repeat(
        glass.requests,
        ({ key }) => key,
        (request) => requestRow(glass, request),
      )}
    </ol>
  `;
}

function requestRow(glass: Glass, request: SeenRequest): TemplateResult {
  const { method, path, query, status, milliseconds } = request;
  const isCurrent = glass.selected === request;
  const open = () => {
    glass.isFollowing = request === glass.requests[0];
    glass.select(request);
  };
  return html`
    <li>
      <button type="button" class="request" aria-current=${isCurrent ? "true" : nothing} @click=${open}>
        ${statusView(status)}
        <span class="call"><b>${method}</b> ${shortPath(path)}<span class="query">${query}</span></span>
        ${senderView(request)}
        <span class="time">${milliseconds === undefined ? "" : `${milliseconds.toFixed(1)} ms`}</span>
      </button>
    </li>
  `;
}

/** Every path starts the same, so that part is left out. */
function shortPath(path: string): string {
  return path.replace(/^\/api\/v1/, "");
}

function requestView(app: App, request: SeenRequest): TemplateResult {
  const { glass } = app;
  const { trace } = request;
  return html`
    <section class="explained" aria-label=${say("glass.explained")}>
      <h3 class="visually-hidden"><b>${request.method}</b> ${request.path}</h3>
      ${trace === undefined ? html`<p class="hint">${say(whyNoTrace(request))}</p>` : nothing}
      ${
        trace?.reason === undefined
          ? nothing
          : html`<p class="refusal"><b>${trace.status}</b> ${withCode(trace.reason)}</p>`
      }
      ${
        trace === undefined || trace.steps.length === 0
          ? nothing
          : glass.asTable
            ? html`<div class="tables" tabindex="0" role="group" aria-label=${say("glass.asTable")}>
                ${stepsTable(trace)}${filesTable(trace)}
              </div>`
            : html`${playerControls(app)}${stepsView(app, trace)}${folderView(app)}`
      }
      ${snippetsView(app, request)}
    </section>
  `;
}

function whyNoTrace({ status, isTraceGone, traceId }: SeenRequest) {
  if (status === undefined) return "glass.noReplyYet";
  if (status === 0) return "glass.noReply";
  if (isTraceGone === true) return "glass.traceGone";
  return traceId === undefined ? "glass.notExplained" : "glass.noReplyYet";
}
