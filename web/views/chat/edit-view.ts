/**
 * Editing a message in its place. What is typed stays there, whatever happens to the message in the meantime.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Message } from "../../../client/types.ts";
import type { App } from "../../app/app.ts";
import { isComposing, isToSend } from "../../browser/keys.ts";
import type { Chat } from "../../chat/chat.ts";
import { countCharacters, isBlank, MAX_CHARACTERS } from "../../chat/message-text.ts";
import { say } from "../../words/language.ts";
import { forbiddenSentence, sentenceFor } from "../../words/sentence-for.ts";

/** Opens a message for editing. @param returnTo where the focus goes afterwards: where the user came from. */
export function edit(app: App, { messageId, message }: Message, returnTo: "composer" | "message"): void {
  app.view.editing = { messageId, before: message, text: message, returnTo };
  app.view.removingId = undefined;
  app.view.messageError = undefined;
  app.draw();
  // The field exists only after the page is drawn.
  queueMicrotask(() => {
    const field = document.querySelector<HTMLTextAreaElement>(".edit textarea");
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  });
}

export function editForm(app: App, chat: Chat, message: Message): TemplateResult {
  const { editing } = app.view;
  if (editing === undefined) return html``;
  const write = (event: Event) => {
    editing.text = (event.target as HTMLTextAreaElement).value;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !isComposing(event)) stop(app);
    if (isToSend(event)) save(event);
  };
  const save = (event: Event) => {
    event.preventDefault();
    void saveEdit(app, chat, message);
  };
  return html`
    <form class="edit" @submit=${save}>
      <textarea
        aria-label=${say("message.newText")}
        rows="2"
        dir="auto"
        .value=${editing.text}
        @input=${write}
        @keydown=${onKey}
      ></textarea>
      ${message.message === editing.before ? nothing : html`<p class="facts">${say("message.changedElsewhere")}</p>`}
      <div class="actions shown">
        <button type="submit" class="primary">${say("message.save")}</button>
        <button type="button" @click=${() => stop(app)}>${say("app.cancel")}</button>
      </div>
    </form>
  `;
}

/** After a failed save, the form stays open. */
async function saveEdit(app: App, chat: Chat, message: Message): Promise<void> {
  const { view } = app;
  const { editing } = view;
  if (editing === undefined) return;
  const { messageId } = message;
  const { text } = editing;
  if (text === message.message) return stop(app);
  let sentence = problemIn(text);
  if (sentence === undefined) {
    try {
      await chat.edit(message, text);
    } catch (error) {
      sentence = forbiddenSentence(text) ?? sentenceFor(error);
    }
  }
  // The user may have given up by now, or may be editing another message.
  if (view.editing !== editing) return;
  if (sentence === undefined) return stop(app);
  view.messageError = { messageId, sentence };
  app.draw();
}

function problemIn(text: string): string | undefined {
  if (isBlank(text)) return say("message.blank");
  return countCharacters(text) > MAX_CHARACTERS ? say("error.messageLength") : undefined;
}

function stop(app: App): void {
  const { view } = app;
  const { editing } = view;
  const hadFocus = document.activeElement?.closest(".edit") != null;
  view.editing = undefined;
  view.messageError = undefined;
  app.draw();
  const place = editing?.returnTo === "composer" ? "#message-text" : `#message-${editing?.messageId}`;
  if (hadFocus) document.querySelector<HTMLElement>(`${place}, #message-text`)?.focus();
}
