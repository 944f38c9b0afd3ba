/**
 * A message that is being sent, or could not be sent. If the server refused its text, the user can mend it.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import type { Chat } from "../../chat/chat.ts";
import { forbiddenIn, isBlank, withoutForbidden } from "../../chat/message-text.ts";
import type { Draft } from "../../chat/outbox.ts";
import { type Phrase, say } from "../../words/language.ts";
import { forbiddenSentence } from "../../words/sentence-for.ts";

const STATES: Record<Exclude<Draft["state"], "sending">, Phrase> = {
  refused: "draft.refused",
  "no answer": "draft.noAnswer",
  held: "draft.held",
};

export function draftView(app: App, chat: Chat, draft: Draft): TemplateResult {
  const { state, message, reason } = draft;
  return html`
    <li class="message own draft" data-state=${state}>
      <p class="text" dir="auto">${message}</p>
      ${
        state === "sending"
          ? html`<p class="facts" role="status">${say("draft.sending")}</p>`
          : html`<p class="facts error" role="alert">
                ${say(STATES[state])} ${state === "held" ? nothing : (forbiddenSentence(message) ?? reason)}
              </p>
              ${actions(app, chat, draft)}`
      }
    </li>
  `;
}

function actions(app: App, chat: Chat, draft: Draft): TemplateResult {
  const { message, state, isHopeless } = draft;
  const rest = withoutForbidden(message);
  const canBeCleaned = state === "refused" && forbiddenIn(message) !== undefined && !isBlank(rest);
  return html`
    <div class="actions shown">
      ${
        canBeCleaned
          ? html`<button type="button" @click=${() => chat.outbox.sendInstead(draft, rest)}>${say("draft.sendWithout")}</button>`
          : nothing
      }
      ${
        state === "refused"
          ? html`<button type="button" @click=${() => mend(app, chat, draft)}>${say("draft.mend")}</button>`
          : nothing
      }
      ${
        isHopeless === true
          ? nothing
          : html`<button type="button" @click=${() => chat.tryAgain(draft)}>${say("draft.tryAgain")}</button>`
      }
      <button type="button" @click=${() => chat.outbox.discard(draft)}>${say("draft.discard")}</button>
    </div>
  `;
}

/** Puts the text back into the field, and selects the character that is not allowed: nobody can see it. */
export function mend(app: App, chat: Chat, draft: Draft): void {
  const { toId, message } = draft;
  const written = chat.unsent.textTo(toId);
  chat.unsent.write(toId, written === "" ? message : `${message}\n${written}`);
  chat.outbox.discard(draft);
  app.draw();
  // The field has the text only after the page is drawn.
  queueMicrotask(() => {
    const field = document.querySelector<HTMLTextAreaElement>("#message-text");
    const forbidden = forbiddenIn(message);
    field?.focus();
    if (forbidden === undefined) field?.setSelectionRange(message.length, message.length);
    else field?.setSelectionRange(forbidden.index, forbidden.index + 1);
  });
}
