/**
 * The field where you write a message. Enter sends it, Shift+Enter starts a new line; on a phone the button sends it.
 * Unsent text stays there while you look at another conversation, or load the page again.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import { isComposing, isToSend, isTouchScreen } from "../../browser/keys.ts";
import type { Chat } from "../../chat/chat.ts";
import { countCharacters, isBlank, MAX_CHARACTERS } from "../../chat/message-text.ts";
import type { Peer } from "../../chat/people/peers.ts";
import { say } from "../../words/language.ts";
import { writingNotice } from "./class-view.ts";
import { mend } from "./draft-view.ts";
import { edit } from "./edit-view.ts";

/** From this length on, the page shows how many characters are left. */
const SHOWN_FROM = 3900;

export function composerView(app: App, chat: Chat, { userId, userHandle }: Peer): TemplateResult {
  const { unsent } = chat;
  const text = unsent.textTo(userId);
  const characters = countCharacters(text);
  const write = (event: Event) => {
    unsent.write(userId, (event.target as HTMLTextAreaElement).value);
    app.draw();
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (isBlank(text) || characters > MAX_CHARACTERS || chat.inClass.whyNoWriting !== undefined) return;
    unsent.write(userId, "");
    chat.send(text);
    if (chat.opened.conversation?.hasNewer) void chat.opened.load((conversation) => conversation.loadNewest());
    app.draw();
    toTheEnd();
  };
  const onKey = (event: KeyboardEvent) => {
    if (isToSend(event)) send(event);
    if (event.key === "ArrowUp" && text === "" && !isComposing(event)) void editLast(app, chat, event);
  };
  return html`
    <form class="composer" @submit=${send}>
      ${writingNotice(app, chat)}
      <label for="message-text" class="visually-hidden">${say("composer.label", { handle: userHandle })}</label>
      <textarea
        id="message-text"
        rows="1"
        dir="auto"
        enterkeyhint=${isTouchScreen() ? "enter" : "send"}
        placeholder=${say("composer.label", { handle: userHandle })}
        aria-describedby="class-notice composer-hint"
        .value=${text}
        @input=${write}
        @keydown=${onKey}
      ></textarea>
      <button type="submit" class="primary" ?disabled=${chat.inClass.whyNoWriting !== undefined}>${say("composer.send")}</button>
      <p id="composer-hint" class="hint">
        ${say(isTouchScreen() ? "composer.touchHint" : "composer.hint")}
        ${
          characters < SHOWN_FROM
            ? nothing
            : html`<span class=${characters > MAX_CHARACTERS ? "error" : ""}
                >${say("composer.left", { count: MAX_CHARACTERS - characters })}</span
              >`
        }
      </p>
    </form>
  `;
}

/**
 * Arrow up in an empty field edits the last message that the user sent, wherever they have scrolled. Never the one
 * before it: while the last one is on its way, nothing happens, and one that was refused comes back into the field.
 */
async function editLast(app: App, chat: Chat, event: KeyboardEvent): Promise<void> {
  event.preventDefault();
  const draft = chat.drafts.at(-1);
  if (draft !== undefined) {
    if (draft.state === "refused") mend(app, chat, draft);
    return;
  }
  const { withId: openId } = chat.opened;
  if (chat.opened.conversation?.hasNewer) await chat.opened.load((conversation) => conversation.loadNewest());
  // Meanwhile the user may have begun to write, or opened another conversation.
  if (chat.opened.withId !== openId || chat.opened.loadError !== undefined || chat.unsent.textTo(openId ?? 0) !== "")
    return;
  const last = chat.opened.conversation?.messages.findLast(({ fromId }) => fromId === chat.me.myId);
  if (last !== undefined) edit(app, last, "composer");
}

/** The user wants to see a message that they sent, wherever they have scrolled. */
function toTheEnd(): void {
  queueMicrotask(() => {
    const list = document.querySelector(".messages");
    if (list !== null) list.scrollTop = list.scrollHeight;
  });
}
