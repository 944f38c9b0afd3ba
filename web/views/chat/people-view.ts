/**
 * The list of people: first those with a conversation, then everybody else.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { App } from "../../app.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Peer } from "../../chat/peers.ts";
import { say } from "../../language.ts";
import { sentenceFor } from "../../sentence-for.ts";

/** How many are drawn. Typing in the search field finds the others. */
const MAX_SHOWN = 200;

export function peopleView(app: App, chat: Chat): TemplateResult {
  const { view } = app;
  const filter = view.filter.toLocaleLowerCase();
  const peers = chat.peers().filter(({ userHandle }) => userHandle.toLocaleLowerCase().includes(filter));
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
    </nav>
  `;
}

function emptyList({ view }: App, { people }: Chat): string {
  if (view.filter !== "") return say("people.notFound");
  return say(people.isLoaded ? "people.nobody" : "people.loading");
}

function personView(app: App, chat: Chat, { userId, userHandle, hasLeft, overview }: Peer): TemplateResult {
  const unread = overview?.unread ?? 0;
  const mine = overview?.last.fromId === chat.me.myId;
  return html`
    <li>
      <button type="button" class="person" aria-current=${chat.openId === userId ? "true" : nothing} @click=${() => void app.openConversation(userId)}>
        <span class="face" aria-hidden="true" data-tint=${userId % 8}>${[...userHandle][0]?.toLocaleUpperCase()}</span>
        <span class="who">
          <bdi class="handle">${userHandle}</bdi>
          ${hasLeft ? html`<span class="left">${say("people.hasLeft")}</span>` : nothing}
          ${
            overview === undefined
              ? nothing
              : html`<span class="last">${mine ? `${say("people.you")} ` : ""}<bdi>${overview.last.message}</bdi></span>`
          }
        </span>
        ${
          unread === 0
            ? nothing
            : html`<span class="unread" title=${say("people.unread", { count: unread })}
                >${unread > 99 ? "99+" : unread}<span class="visually-hidden"> ${say("people.unreadWord")}</span></span
              >`
        }
      </button>
    </li>
  `;
}

/** Enter opens the user with exactly this handle, even if the list is too long to contain them. */
async function find(app: App, chat: Chat, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const { view } = app;
  if (view.filter === "") return;
  try {
    const shown = chat.peers().filter(({ userHandle }) => userHandle.includes(view.filter));
    const [only] = shown.length === 1 ? shown : [];
    const { userId } = only ?? (await chat.people.find(view.filter));
    view.filter = "";
    view.filterError = undefined;
    await app.openConversation(userId);
  } catch (error) {
    view.filterError = sentenceFor(error);
  }
  app.draw();
}
