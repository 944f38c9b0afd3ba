/**
 * Who else is known in this browser: continue as one of them, or forget them.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import { type Identity, scopeOf } from "../../app/session.ts";
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

function knownPerson(app: App, identity: Identity): TemplateResult {
  const { view } = app;
  const { myId, userHandle } = identity;
  const scope = scopeOf(identity);
  const ask = (forgetting: string | undefined) => {
    view.forgetting = forgetting;
    app.draw();
  };
  if (view.forgetting === scope) {
    const question = say("known.reallyForget", { handle: userHandle, id: myId });
    return html`
      <div role="group" aria-label=${question}>
        <p>${question}</p>
        <button type="button" class="danger" @click=${() => app.forget(identity)}>${say("known.forgetNow")}</button>
        <button type="button" @click=${() => ask(undefined)}>${say("app.cancel")}</button>
      </div>
    `;
  }
  return html`
    <button type="button" class="continue" @click=${() => app.switchTo(identity)}>
      ${say(app.isElsewhere(identity) ? "known.continueElsewhere" : "known.continue", { handle: userHandle })}
    </button>
    <button type="button" @click=${() => ask(scope)} aria-label=${say("known.forgetWhom", { handle: userHandle })}>
      ${say("known.forget")}
    </button>
  `;
}
