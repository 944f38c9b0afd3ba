/**
 * One message. Its text is shown as text, never as HTML.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Message } from "../../../client/types.ts";
import type { App } from "../../app.ts";
import type { Chat } from "../../chat/chat.ts";
import { isComposing, isToSend } from "../../keys.ts";
import { say } from "../../language.ts";
import { sentenceFor } from "../../sentence-for.ts";
import { showTime } from "../../times.ts";

export function messageView(app: App, chat: Chat, message: Message): TemplateResult {
  const { view } = app;
  const { messageId, fromId, sentAt, editedAt } = message;
  const isOwn = fromId === chat.me.myId;
  const error = view.messageError?.messageId === messageId ? view.messageError.sentence : undefined;
  return html`
    <li class="message ${isOwn ? "own" : "theirs"}" id="message-${messageId}" tabindex="-1">
      <span class="visually-hidden">${isOwn ? say("message.fromYou") : say("message.from", { handle: message.fromHandle })}</span>
      ${view.editingId === messageId ? editForm(app, chat, message) : html`<p class="text" dir="auto">${message.message}</p>`}
      <p class="facts">
        <time datetime=${sentAt} title=${showTime(sentAt, "both")}>${showTime(sentAt, "time")}</time>
        ${editedAt === undefined ? nothing : html`<span>· ${say("message.edited")}</span>`}
        ${isOwn ? html`<span>· ✓ ${say("message.sent")}</span>` : nothing}
      </p>
      ${view.editingId === messageId ? nothing : actions(app, chat, message, isOwn)}
      ${error === undefined ? nothing : html`<p class="error" role="alert">${error}</p>`}
    </li>
  `;
}

function actions(app: App, chat: Chat, message: Message, isOwn: boolean): TemplateResult {
  const { view } = app;
  const { messageId } = message;
  const ask = (removingId: number | undefined) => {
    view.removingId = removingId;
    app.draw();
  };
  if (view.removingId === messageId) {
    return html`
      <div class="actions shown" role="group" aria-label=${say("message.really")}>
        <span>${say("message.really")}</span>
        <button type="button" class="danger" @click=${() => void attempt(app, messageId, () => chat.remove(message))}>
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
          ? html`<button type="button" data-action="edit" @click=${() => edit(app, messageId)}>${say("message.edit")}</button>`
          : nothing
      }
      <button type="button" data-action="remove" @click=${() => ask(messageId)}>
        ${say(isOwn ? "message.takeBack" : "message.remove")}
      </button>
    </div>
  `;
}

/** Opens a message for editing. */
export function edit(app: App, messageId: number): void {
  app.view.editingId = messageId;
  app.view.removingId = undefined;
  app.draw();
  // The field exists only after the page is drawn.
  queueMicrotask(() => document.querySelector<HTMLTextAreaElement>(".edit textarea")?.focus());
}

function editForm(app: App, chat: Chat, message: Message): TemplateResult {
  const { messageId } = message;
  const save = (event: Event) => {
    event.preventDefault();
    const form = (event.target as HTMLElement).closest("form");
    const text = form?.querySelector("textarea")?.value ?? "";
    void attempt(app, messageId, () => chat.edit(message, text));
  };
  const cancel = () => {
    app.view.editingId = undefined;
    app.draw();
    document.querySelector<HTMLElement>(`#message-${messageId}`)?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !isComposing(event)) cancel();
    if (isToSend(event)) save(event);
  };
  return html`
    <form class="edit" @submit=${save}>
      <textarea
        aria-label=${say("message.newText")}
        rows="2"
        maxlength="8192"
        dir="auto"
        .value=${message.message}
        @keydown=${onKey}
      ></textarea>
      <div class="actions shown">
        <button type="submit" class="primary">${say("message.save")}</button>
        <button type="button" @click=${cancel}>${say("app.cancel")}</button>
      </div>
    </form>
  `;
}

/** Edits or removes the message, and shows an error if that fails. After a failed edit, the form stays open. */
async function attempt(app: App, messageId: number, work: () => Promise<void>): Promise<void> {
  const { view } = app;
  try {
    await work();
    view.editingId = undefined;
    view.messageError = undefined;
  } catch (error) {
    view.messageError = { messageId, sentence: sentenceFor(error) };
  }
  view.removingId = undefined;
  app.draw();
  document.querySelector<HTMLElement>(`#message-${messageId}, #message-text`)?.focus();
}
