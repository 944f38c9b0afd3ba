/**
 * Who else is known in this browser: continue as one of them, or forget them.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import type { Identity } from "../../app/session.ts";
import { say } from "../../words/language.ts";

export function knownPeopleView(app: App): TemplateResult | typeof nothing {
  const { others } = app.session;
  if (others.length === 0) return nothing;
  return html`
    <ul class="known" aria-label=${say("known.title")}>
      ${others.map((identity) => html`<li>${knownPerson(app, identity)}</li>`)}
    </ul>
  `;
}

function knownPerson(app: App, { myId, userHandle }: Identity): TemplateResult {
  const { view } = app;
  const ask = (forgettingId: number | undefined) => {
    view.forgettingId = forgettingId;
    app.draw();
  };
  if (view.forgettingId === myId) {
    const question = say("known.reallyForget", { handle: userHandle, id: myId });
    return html`
      <div role="group" aria-label=${question}>
        <p>${question}</p>
        <button type="button" class="danger" @click=${() => app.forget(myId)}>${say("known.forgetNow")}</button>
        <button type="button" @click=${() => ask(undefined)}>${say("app.cancel")}</button>
      </div>
    `;
  }
  return html`
    <button type="button" class="continue" @click=${() => app.switchTo(myId)}>
      ${say("known.continue", { handle: userHandle })}
    </button>
    <button type="button" @click=${() => ask(myId)} aria-label=${say("known.forgetWhom", { handle: userHandle })}>
      ${say("known.forget")}
    </button>
  `;
}
