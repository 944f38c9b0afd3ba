/**
 * The page on the classroom wall.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { answered } from "../../client/trace.ts";
import type { SeenRequest } from "../glass/seen-request.ts";
import { say } from "../language.ts";
import type { Projector } from "../projector/projector.ts";
import { languageChoice } from "./language-choice.ts";
import { qrView } from "./qr-view.ts";
import { senderView } from "./sender-view.ts";
import { statusView } from "./status-view.ts";
import { withCode } from "./with-code.ts";

export function projectorView(projector: Projector): TemplateResult {
  return html`
    <header class="bar">
      <h1 class="brand"><img src="/web/favicon.svg" alt="" width="24" height="24" />${say("projector.title")}</h1>
      ${
        projector.isClass
          ? html`<p class="connection" role="status" data-state=${projector.connection}>
              <span class="lamp" aria-hidden="true"></span>${say(`connection.${projector.connection}`)}
            </p>`
          : nothing
      }
      <div class="bar-end">${languageChoice(() => projector.draw())}</div>
    </header>
    ${
      projector.isClass
        ? html`<main class="projector">
            <div class="column">${joinPanel(projector)}${peoplePanel(projector)}</div>
            <div class="column">${requestsPanel(projector)}${journalPanel(projector)}</div>
          </main>`
        : html`<main><p class="empty">${say("projector.off")}</p></main>`
    }
  `;
}

function joinPanel(projector: Projector): TemplateResult {
  const { address, addresses, isLoaded, secret, secretError } = projector;
  const choose = (event: Event) => {
    projector.address = (event.target as HTMLSelectElement).value;
    projector.draw();
  };
  return html`
    <section class="panel to-join" aria-labelledby="to-join">
      <h2 id="to-join">${say("projector.join")}</h2>
      ${
        address === undefined
          ? nothing
          : html`${qrView(`${address}/?join`, `${say("projector.join")}: ${address}`)}
              <p class="address">${address}</p>`
      }
      ${
        addresses.length > 1
          ? html`<select aria-label=${say("projector.address")} @change=${choose}>
              ${addresses.map((each) => html`<option ?selected=${each === address}>${each}</option>`)}
            </select>`
          : nothing
      }
      ${isLoaded && address === undefined ? html`<p class="error">${say("projector.noNetwork")}</p>` : nothing}
      ${
        secret === undefined
          ? html`<button type="button" @click=${() => void projector.showSecret()}>${say("projector.showSecret")}</button>`
          : html`<p class="hint">${say("projector.secret")}</p>
              <p class="secret">${secret}</p>
              <button type="button" @click=${() => projector.hideSecret()}>${say("projector.hideSecret")}</button>`
      }
      ${secretError === undefined ? nothing : html`<p class="error" role="alert">${secretError}</p>`}
      <p class="hint">${say("projector.everybodySees")}</p>
    </section>
  `;
}

function peoplePanel({ users }: Projector): TemplateResult {
  return html`
    <section class="panel joined" aria-labelledby="joined">
      <h2 id="joined">${say("projector.people", { count: users.length })}</h2>
      ${
        users.length === 0
          ? html`<p class="empty">${say("projector.nobody")}</p>`
          : html`<ul tabindex="0" aria-labelledby="joined">
              ${repeat(
                users.toReversed(),
                ({ userId }) => userId,
                ({ userHandle }) => html`<li><bdi>${userHandle}</bdi></li>`,
              )}
            </ul>`
      }
    </section>
  `;
}

function requestsPanel(projector: Projector): TemplateResult {
  const { feed, asTable } = projector;
  const [first, ...others] = feed.shown;
  const toggle = () => {
    projector.asTable = !asTable;
    projector.draw();
  };
  return html`
    <section class="panel flowing" aria-labelledby="flowing">
      <div class="panel-head">
        <h2 id="flowing">${say("projector.requests")}</h2>
        <div class="tools" role="toolbar" aria-labelledby="flowing">
          <button type="button" aria-pressed=${feed.isPaused} @click=${() => feed.pauseOrGoOn()}>
            ${say(feed.isPaused ? "projector.goOn" : "projector.pause")}
          </button>
          <button type="button" ?disabled=${feed.waiting.length === 0} @click=${() => feed.next()}>
            ${say("projector.step")}
          </button>
          <button type="button" ?disabled=${first === undefined} @click=${() => feed.player.replay()}>
            ${say("projector.replay")}
          </button>
          <button type="button" aria-pressed=${asTable} @click=${toggle}>${say("projector.asTable")}</button>
        </div>
      </div>
      <p class="hint">
        ${feed.waiting.length === 0 ? nothing : say("projector.waiting", { count: feed.waiting.length })}
        ${feed.leftOut === 0 ? nothing : say("glass.missed", { count: feed.leftOut })}
      </p>
      ${
        first === undefined
          ? html`<p class="empty">${say("projector.noRequests")}</p>`
          : asTable
            ? requestsTable(feed.shown)
            : html`${current(projector, first)}
                <ol class="past" tabindex="0" aria-label=${say("glass.requests")}>
                  ${repeat(others, ({ key }) => key, pastRequest)}
                </ol>`
      }
    </section>
  `;
}

/** The request with the moving dot, large enough to read from the last row. */
function current({ feed: { player } }: Projector, request: SeenRequest): TemplateResult {
  const { step, trace, way, position } = player;
  const passed = new Set(way.slice(0, position + 1).map(({ id }) => id));
  const isAtEnd = player.isAtEnd;
  return html`
    <article class="current">
      <h3>
        ${senderView(request)}
        <b>${request.method}</b> ${request.path}
        ${isAtEnd ? statusView(request.status) : nothing}
      </h3>
      <ol class="track" aria-hidden="true">
        ${trace?.steps.map(
          ({ id, outcome }) => html`<li
            data-outcome=${outcome === "not reached" ? outcome : passed.has(id) ? outcome : "ahead"}
            ?data-here=${id === step?.id}
          ></li>`,
        )}
      </ol>
      <p class="now">
        <span class="step-id">${step?.id ?? ""}</span>
        <span>${step === undefined ? "" : withCode(step.outcome === "pass" ? answered(step, trace?.steps ?? []) : step.sentence)}</span>
      </p>
      <p class="refusal" ?hidden=${!isAtEnd || trace?.reason === undefined}>${withCode(trace?.reason ?? "")}</p>
      <p class="files">
        ${step?.files.map(({ path, did }) => html`<code data-did=${did}>${path.replace(/[0-9a-f]{52}/, "…")}</code> `)}
      </p>
    </article>
  `;
}

function pastRequest(request: SeenRequest): TemplateResult {
  const { method, path, status, trace } = request;
  return html`
    <li>
      ${statusView(status)}
      ${senderView(request)}
      <span class="call"><b>${method}</b> ${path.replace("/api/v1", "")}</span>
      <span class="small-track" aria-hidden="true">
        ${trace?.steps.map(({ outcome }) => html`<i data-outcome=${outcome}></i>`)}
      </span>
    </li>
  `;
}

function requestsTable(requests: readonly SeenRequest[]): TemplateResult {
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
          ${requests.map((request) => {
            const { method, path, status, trace, milliseconds } = request;
            const stop = trace?.steps.find(({ outcome }) => outcome === "stop");
            return html`
              <tr data-outcome=${trace?.reason === undefined ? "pass" : "stop"}>
                <th scope="row">${senderView(request)}</th>
                <td>${method} ${path}</td>
                <td>${status}</td>
                <td>${stop === undefined ? nothing : html`<b>${stop.id}</b> `}${withCode(trace?.reason ?? "")}</td>
                <td class="number">${milliseconds?.toFixed(2)}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    </div>
  `;
}

function journalPanel({ lines }: Projector): TemplateResult {
  return html`
    <section class="panel journal" aria-labelledby="journal">
      <h2 id="journal">${say("projector.journal")} <code>data/messages/*.jsonl</code></h2>
      ${
        lines.length === 0
          ? html`<p class="empty">${say("projector.noJournal")}</p>`
          : html`<ol tabindex="0" aria-labelledby="journal">
              ${repeat(
                lines,
                ({ key }) => key,
                ({ text }) => html`<li><code>${text}</code></li>`,
              )}
            </ol>`
      }
    </section>
  `;
}
