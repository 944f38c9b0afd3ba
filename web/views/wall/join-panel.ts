/**
 * Where the class joins, and who has joined.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { waysIn } from "../../projector/class-addresses.ts";
import type { Projector } from "../../projector/projector.ts";
import { say } from "../../words/language.ts";
import { qrView } from "../qr-view.ts";
import { teacherMark } from "./wall-sender.ts";

export function joinPanel(projector: Projector): TemplateResult {
  const { address, addresses, isLoaded, secret, secretError, facts } = projector;
  const ways = address === undefined ? undefined : waysIn(address, addresses);
  const choose = (event: Event) => {
    projector.address = (event.target as HTMLSelectElement).value;
    projector.draw();
  };
  return html`
    <section class="panel to-join" aria-labelledby="to-join">
      ${ways === undefined ? nothing : qrView(`${ways.scanned}/?join`, `${say("projector.join")}: ${ways.scanned}`)}
      <div class="how-to-join">
        <h2 id="to-join">${say("projector.join")}</h2>
        ${address === undefined ? nothing : html`<p class="address">${address}</p>`}
        ${ways?.other === undefined ? nothing : html`<p class="other-address">${say("projector.orAt", { address: ways.other })}</p>`}
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
      </div>
      <p class="hint">${say(facts.showsTexts ? "projector.everybodySeesTexts" : "projector.everybodySees")}</p>
    </section>
  `;
}

export function peoplePanel({ users }: Projector): TemplateResult {
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
                ({ userHandle, isTeacher }) => html`<li title=${userHandle} ?data-teacher=${isTeacher}>
                  <bdi>${userHandle}</bdi>${isTeacher ? teacherMark() : nothing}
                </li>`,
              )}
            </ul>`
      }
    </section>
  `;
}
