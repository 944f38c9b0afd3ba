/**
 * What to do when the server has not answered for a while. Perhaps its computer is on another network and has another
 * address now. The page cannot know that address, and under it the browser knows nobody. So it says where to ask, and
 * gives the id and the token, with which the user can log in there. They are only shown and copied, never sent. This is
 * part of the first view: once the server is gone, nothing more can be loaded.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import { copyText } from "../../browser/copy-text.ts";
import type { Chat } from "../../chat/chat.ts";
import { say } from "../../words/language.ts";

export function movedView(app: App, chat: Chat): TemplateResult | typeof nothing {
  if (!chat.connection.isLongLost) return nothing;
  const { view, glass } = app;
  const both = `${chat.me.myId}:${chat.me.myAuth}`;
  const copy = async () => {
    view.movedNotice = say((await copyText(both)) ? "moved.copied" : "moved.notCopied");
    app.draw();
  };
  const show = () => {
    view.isMovedShown = !view.isMovedShown;
    app.draw();
  };
  return html`
    <aside class="moved" aria-label=${say("moved.title", { address: location.host })}>
    <details>
      <summary>${say("moved.title", { address: location.host })}</summary>
      <p>${say(glass.isClass ? "moved.askClass" : "moved.ask")}</p>
      <p>${say("moved.then")}</p>
      <p><code class="token">${view.isMovedShown ? both : `${chat.me.myId}:${"•".repeat(12)}`}</code></p>
      <div class="choice">
        <button type="button" @click=${() => void copy()}>${say("moved.copy")}</button>
        <button type="button" @click=${show}>${say(view.isMovedShown ? "account.hideToken" : "account.showToken")}</button>
      </div>
      <p role="status">${view.movedNotice ?? nothing}</p>
      <p class="hint">${say("moved.unsent")}</p>
    </details>
    </aside>
  `;
}
