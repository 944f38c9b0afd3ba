/**
 * One message. Its text is shown as text, never as HTML.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Message } from "../../../client/types.ts";
import type { App } from "../../app/app.ts";
import type { Chat } from "../../chat/chat.ts";
import { say } from "../../words/language.ts";
import { sentenceFor } from "../../words/sentence-for.ts";
import { showTime, timeLanguage } from "../../words/times.ts";
import { messageMarks } from "./class-view.ts";
import { edit, editForm } from "./edit-view.ts";

export function messageView(app: App, chat: Chat, message: Message): TemplateResult {
  const { view } = app;
  const { messageId, fromId, sentAt, editedAt } = message;
  const isOwn = fromId === chat.me.myId;
  const error = view.messageError?.messageId === messageId ? view.messageError.sentence : undefined;
  return html`
    <li class="message ${isOwn ? "own" : "theirs"}" id="message-${messageId}" tabindex="-1">
      <span class="visually-hidden">${isOwn ? say("message.fromYou") : say("message.from", { handle: message.fromHandle })}</span>
      ${view.editing?.messageId === messageId ? editForm(app, chat, message) : html`<p class="text" dir="auto">${message.message}</p>`}
      <p class="facts">
        <time datetime=${sentAt} lang=${timeLanguage() ?? nothing} title=${showTime(sentAt, "both")}>${showTime(sentAt, "time")}</time>
        ${editedAt === undefined ? nothing : html`<span>· ${say("message.edited")}</span>`}
        ${messageMarks(message)}
        ${isOwn ? html`<span>· ✓ ${say("message.sent")}</span>` : nothing}
      </p>
      ${view.editing?.messageId === messageId ? nothing : actions(app, chat, message, isOwn)}
      ${error === undefined ? nothing : html`<p class="error" role="alert">${error}</p>`}
    </li>
  `;
}

function actions(app: App, chat: Chat, message: Message, isOwn: boolean): TemplateResult {
  const { view } = app;
  const { messageId } = message;
  const ask = (removingId: number | undefined) => {
    view.removingId = removingId;
    view.messageError = undefined;
    app.draw();
    // The button that has the focus goes away.
    document.querySelector<HTMLElement>(`#message-${messageId}`)?.focus();
  };
  if (view.removingId === messageId) {
    return html`
      <div class="actions shown" role="group" aria-label=${say("message.really")}>
        <span>${say("message.really")}</span>
        <button type="button" class="danger" @click=${() => void remove(app, chat, message)}>
          ${say(isOwn ? "message.takeBack" : "message.remove")}
        </button>
        <button type="button" @click=${() => ask(undefined)}>${say("app.cancel")}</button>
      </div>
    `;
  }
  return html`
    <div class="actions">
      ${
        isOwn
          ? html`<button type="button" data-action="edit" @click=${() => edit(app, message, "message")}>${say("message.edit")}</button>`
          : nothing
      }
      <button type="button" data-action="remove" @click=${() => ask(messageId)}>
        ${say(isOwn ? "message.takeBack" : "message.remove")}
      </button>
    </div>
  `;
}

/** Removes the message, and shows an error if that fails. */
async function remove(app: App, chat: Chat, message: Message): Promise<void> {
  const { view } = app;
  const { messageId } = message;
  try {
    await chat.remove(message);
    view.messageError = undefined;
  } catch (error) {
    view.messageError = { messageId, sentence: sentenceFor(error) };
  }
  view.removingId = undefined;
  app.draw();
  document.querySelector<HTMLElement>(`#message-${messageId}, #message-text`)?.focus();
}
