/**
 * The list of people: first those with a conversation, then everybody else.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { ChatError } from "../../../client/chat-error.ts";
import type { App } from "../../app/app.ts";
import type { Chat } from "../../chat/chat.ts";
import { handleIn, isNothing, meantBy, shownFor } from "../../chat/people/find-person.ts";
import type { Peer } from "../../chat/people/peers.ts";
import { say } from "../../words/language.ts";
import { sentenceFor } from "../../words/sentence-for.ts";
import { teacherMark } from "./class-view.ts";

/** How many are drawn. Typing in the search field finds the others. */
const MAX_SHOWN = 200;

export function peopleView(app: App, chat: Chat): TemplateResult {
  const { view } = app;
  const peers = shownFor(view.filter, chat.peers());
  const setFilter = (event: Event) => {
    view.filter = (event.target as HTMLInputElement).value;
    view.filterError = undefined;
    app.draw();
  };
  return html`
    <nav class="people" aria-label=${say("people.title")}>
      <form class="find" role="search" @submit=${(event: SubmitEvent) => void find(app, chat, event)}>
        <input
          type="search"
          aria-label=${say("people.find")}
          placeholder=${say("people.find")}
          autocapitalize="none"
          spellcheck="false"
          .value=${view.filter}
          @input=${setFilter}
        />
        ${view.filterError === undefined ? nothing : html`<p class="error" role="alert">${view.filterError}</p>`}
      </form>
      ${
        peers.length > 0
          ? html`<ul>
              ${repeat(
                peers.slice(0, MAX_SHOWN),
                ({ userId }) => userId,
                (peer) => personView(app, chat, peer),
              )}
            </ul>`
          : html`<p class="empty">${emptyList(app, chat)}</p>`
      }
      ${peers.length > MAX_SHOWN ? html`<p class="empty">${say("people.more", { count: peers.length - MAX_SHOWN })}</p>` : nothing}
      ${app.glass.isClass ? html`<p class="to-course"><a href="/learn">${say("people.course")}</a></p>` : nothing}
    </nav>
  `;
}

function emptyList({ view }: App, { people }: Chat): string {
  if (!isNothing(view.filter)) return say("people.notFound");
  return say(people.isLoaded ? "people.nobody" : "people.loading");
}

function personView(app: App, chat: Chat, { userId, userHandle, hasLeft, overview }: Peer): TemplateResult {
  const unread = overview?.unread ?? 0;
  const mine = overview?.last.fromId === chat.me.myId;
  return html`
    <li>
      <button type="button" class="person" aria-current=${chat.opened.withId === userId ? "true" : nothing} @click=${() => void app.openConversation(userId)}>
        <span class="face" aria-hidden="true" data-tint=${userId % 8}>${[...userHandle][0]?.toLocaleUpperCase()}</span>
        <span class="who">
          <bdi class="handle">${userHandle}</bdi>
          ${teacherMark(chat.people.isTeacher(userId))}
          ${hasLeft ? html`<span class="left">${say("people.hasLeft")}</span>` : nothing}
          ${
            overview === undefined
              ? nothing
              : html`<span class="last">${mine ? `${say("people.you")} ` : ""}<bdi>${overview.last.message}</bdi></span>`
          }
        </span>
        ${unreadMark(unread)}
      </button>
    </li>
  `;
}

export function unreadMark(count: number): TemplateResult | typeof nothing {
  if (count === 0) return nothing;
  return html`<span class="unread" title=${say("people.unread", { count })}
    >${count > 99 ? "99+" : count}<span class="visually-hidden"> ${say("people.unreadWord")}</span></span
  >`;
}

/** Enter opens the person who was meant, even if the list is too long to contain them. */
async function find(app: App, chat: Chat, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const { view } = app;
  const { filter: typed } = view;
  if (isNothing(typed)) return;
  try {
    const userId = await whoIsMeant(chat, typed);
    // The user may have typed on.
    if (view.filter === typed) view.filter = "";
    view.filterError = undefined;
    await app.openConversation(userId);
  } catch (error) {
    // Nobody has it, or it is too short to be a handle.
    const isNobody = error instanceof ChatError && (error.status === 404 || error.status === 400);
    const isSeveral = isNobody && shownFor(typed, chat.peers()).length > 0;
    view.filterError = isSeveral ? say("people.several") : sentenceFor(error);
  }
  app.draw();
}

/** @throws {ChatError} 404 if it may be nobody, or several. */
async function whoIsMeant(chat: Chat, typed: string): Promise<number> {
  const meant = meantBy(typed, chat.peers());
  const isCertain = meant?.userHandle === handleIn(typed) || !chat.people.isTooLong;
  if (meant !== undefined && isCertain) return meant.userId;
  try {
    return (await chat.people.find(handleIn(typed))).userId;
  } catch (error) {
    if (meant === undefined) throw error;
    return meant.userId;
  }
}
