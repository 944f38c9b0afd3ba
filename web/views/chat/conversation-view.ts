/**
 * The open conversation: its messages, those that are still being sent, and the field for the next one.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Message } from "../../../client/types.ts";
import type { App } from "../../app/app.ts";
import type { Chat } from "../../chat/chat.ts";
import { say } from "../../words/language.ts";
import { showTime, timeLanguage } from "../../words/times.ts";
import { teacherMark } from "./class-view.ts";
import { composerView } from "./composer-view.ts";
import { draftView } from "./draft-view.ts";
import { messageView } from "./message-view.ts";
import { unreadMark } from "./people-view.ts";

/** The next page is fetched when the list is this close to an edge. */
const EDGE_PIXELS = 600;

export function conversationView(app: App, chat: Chat): TemplateResult {
  const { openPeer: peer, opened } = chat;
  const { conversation } = opened;
  if (conversation === undefined || peer === undefined) {
    const isNobody = peer === undefined;
    return html`
      <main class="conversation ${isNobody ? "nobody" : ""}">
        <p class="empty">${say(isNobody ? "conversation.none" : "conversation.opening")}</p>
      </main>
    `;
  }
  const { messages, hasOlder, hasNewer, isLoading } = conversation;
  const { drafts } = chat;
  return html`
    <main class="conversation" aria-label=${say("conversation.with", { handle: peer.userHandle })}>
      <header class="peer">
        <button type="button" class="back" @click=${() => app.leaveConversation()}>
          <span aria-hidden="true">←</span> ${say("conversation.back")} ${unreadMark(chat.unread)}
        </button>
        <h2><bdi>${peer.userHandle}</bdi></h2>
        ${teacherMark(chat.people.isTeacher(peer.userId))}
        ${peer.hasLeft ? html`<span class="left">${say("people.hasLeft")}</span>` : nothing}
      </header>
      <ol
        class="messages"
        tabindex="0"
        aria-label=${say("conversation.messages")}
        aria-busy=${isLoading}
        data-conversation=${peer.userId}
        data-has-newer=${hasNewer}
        @scroll=${(event: Event) => loadAtEdge(chat, event)}
        @keydown=${onKeyAmongMessages}
      >
        ${beginning(hasOlder, isLoading, messages.length)}
        ${repeat(
          messages,
          ({ messageId }) => messageId,
          (message, i) => html`${dayBefore(message, messages[i - 1])}${messageView(app, chat, message)}`,
        )}
        ${repeat(
          hasNewer ? [] : drafts,
          ({ key }) => key,
          (draft) => draftView(app, chat, draft),
        )}
      </ol>
      ${chat.opened.loadError === undefined ? nothing : html`<p class="error" role="alert">${chat.opened.loadError}</p>`}
      ${hasNewer ? toNewest(chat) : nothing}
      ${peer.hasLeft ? html`<p class="empty">${say("conversation.theyLeft")}</p>` : composerView(app, chat, peer)}
      <div role="log" aria-label=${say("conversation.arriving")} class="visually-hidden">
        ${repeat(
          chat.opened.arrivals,
          ({ messageId }) => messageId,
          ({ fromHandle, message }) => html`<p>${fromHandle}: ${message}</p>`,
        )}
      </div>
    </main>
  `;
}

function beginning(hasOlder: boolean, isLoading: boolean, count: number): TemplateResult {
  const phrase =
    isLoading || hasOlder ? "conversation.loading" : count === 0 ? "conversation.empty" : "conversation.beginning";
  return html`<li class="beginning">${say(phrase)}</li>`;
}

function dayBefore({ sentAt }: Message, before: Message | undefined): TemplateResult | typeof nothing {
  const day = showTime(sentAt, "day");
  return before !== undefined && showTime(before.sentAt, "day") === day
    ? nothing
    : html`<li class="day"><time datetime=${sentAt} lang=${timeLanguage() ?? nothing}>${day}</time></li>`;
}

function toNewest(chat: Chat): TemplateResult {
  const go = async () => {
    await chat.opened.load((conversation) => conversation.loadNewest());
    const list = document.querySelector(".messages");
    if (list !== null) list.scrollTop = list.scrollHeight;
  };
  return html`<button type="button" class="to-newest" @click=${() => void go()}>${say("conversation.toNewest")}</button>`;
}

function loadAtEdge(chat: Chat, event: Event): void {
  const list = event.target as HTMLElement;
  const { conversation } = chat.opened;
  if (conversation === undefined || conversation.isLoading) return;
  if (list.scrollTop < EDGE_PIXELS && conversation.hasOlder) void chat.opened.load((each) => each.loadOlder());
  else if (remaining(list) < EDGE_PIXELS && conversation.hasNewer) {
    void chat.opened.load((each) => each.loadNewer());
  }
}

function remaining({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}

function onKeyAmongMessages(event: KeyboardEvent): void {
  if (isText(event)) document.querySelector<HTMLElement>("#message-text")?.focus();
  else moveAmongMessages(event);
}

/** Whoever types while a message has the focus wants to write. The letter goes where the focus is then. */
function isText({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  const isLetter = [...key].length === 1 && key !== " ";
  return isLetter && !ctrlKey && !metaKey && !altKey && !isWriting(target);
}

/** The arrow keys move from message to message. From there, Tab leads to the buttons of the message. */
function moveAmongMessages(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) || isWriting(event.target)) return;
  const messages = [...list.querySelectorAll<HTMLElement>(".message[tabindex]")];
  const current = messages.findIndex((each) => each.contains(document.activeElement));
  const end = messages.length - 1;
  const above = current === -1 ? end : current - 1;
  const next = { ArrowUp: above, ArrowDown: current === -1 ? end : current + 1, Home: 0, End: end }[event.key] ?? end;
  const message = messages[Math.max(0, Math.min(next, end))];
  if (message === undefined) return;
  event.preventDefault();
  message.focus();
  message.scrollIntoView({ block: "nearest" });
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement;
}
