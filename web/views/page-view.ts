/**
 * The whole page: the bar on top, below it the form to join or the chat, and the glass at the side.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../app/app.ts";
import type { ConnectionState } from "../chat/connection/live-connection.ts";
import { say } from "../words/language.ts";
import { handButton, writingNotice } from "./chat/class-view.ts";
import { conversationView } from "./chat/conversation-view.ts";
import { joinView } from "./chat/join-view.ts";
import { movedView } from "./chat/moved-view.ts";
import { peopleView } from "./chat/people-view.ts";
import { languageChoice } from "./language-choice.ts";

export function pageView(app: App): TemplateResult {
  const { chat, glass, later } = app;
  return html`
    ${barView(app)}
    ${chat === undefined ? nothing : movedView(app, chat)}
    ${chat === undefined || chat.openPeer !== undefined ? nothing : writingNotice(app, chat)}
    <div class="page ${glass.isOpen ? "with-glass" : ""} ${chat?.opened.withId === undefined ? "" : "in-conversation"}">
      ${chat === undefined ? joinView(app) : html`${peopleView(app, chat)}${conversationView(app, chat)}`}
      ${glass.isOpen ? later?.glassView(app) : nothing}
    </div>
    ${chat === undefined ? nothing : later?.accountDialog(app, chat)}
  `;
}

function barView(app: App): TemplateResult {
  const { chat, glass } = app;
  return html`
    <header class="bar">
      <h1 class="brand"><img src="/web/pages/favicon.svg" alt="" width="24" height="24" />${say("app.name")}</h1>
      ${chat === undefined ? nothing : html`${connectionView(chat.connection.state)}${handButton(app, chat)}`}
      <div class="bar-end">
        ${languageChoice(() => app.draw())}
        <button
          type="button"
          class="glass-button"
          aria-pressed=${glass.isOpen}
          aria-keyshortcuts="F2 Alt+G"
          title=${say("glass.toggleHint")}
          @click=${() => app.toggleGlass()}
        >
          <span aria-hidden="true">◉</span> ${say("glass.name")}
        </button>
        ${
          chat === undefined
            ? nothing
            : html`<button type="button" class="me" title=${say("account.title")} @click=${() => void openAccount(app)}>
                <bdi>${chat.me.userHandle}</bdi>
              </button>`
        }
      </div>
    </header>
  `;
}

function connectionView(state: ConnectionState): TemplateResult {
  const sentence = say(`connection.${state}`);
  const hint = state === "waiting" ? say("connection.waitingHint") : nothing;
  return html`<p class="connection" role="status" data-state=${state} title=${hint}>
    <span class="lamp" aria-hidden="true"></span>${sentence}
  </p>`;
}

async function openAccount(app: App): Promise<void> {
  (await app.loadLater())?.openAccount(app);
}
