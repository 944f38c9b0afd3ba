/**
 * Puts the page together: the session, the chat and the glass. After every change it draws the whole page again, and
 * lit-html finds out what is different. web/main.ts starts it.
 */
import { render, type TemplateResult } from "lit-html";
import { PlainchatClient } from "../client/plainchat-client.ts";
import type { Credentials } from "../client/types.ts";
import { Chat } from "./chat/chat.ts";
import { placeDot } from "./glass/dot.ts";
import { Glass } from "./glass/glass.ts";
import { RequestLog } from "./glass/request-log.ts";
import { say } from "./language.ts";
import { EndKeeper, noteScrollPlace } from "./scroll-place.ts";
import { type Identity, Session } from "./session.ts";
import { ViewState } from "./view-state.ts";

export class App {
  readonly session: Session;
  readonly log: RequestLog;
  readonly glass: Glass;
  /** What is only on the screen, such as the text in the search field. */
  readonly view = new ViewState();
  /** Undefined when nobody is logged in. */
  chat: Chat | undefined;
  readonly #place: HTMLElement;
  readonly #pageView: (app: App) => TemplateResult;
  /** For requests that the user asked for with a click or a key. */
  readonly client: PlainchatClient;
  /** For requests that the page sends by itself. */
  readonly #background: PlainchatClient;
  readonly #endKeeper = new EndKeeper();
  #isToBeDrawn = false;

  /** @param place where to draw the page. @param pageView how it looks. */
  constructor(place: HTMLElement, pageView: (app: App) => TemplateResult) {
    this.#place = place;
    this.#pageView = pageView;
    this.session = new Session(() => this.#followSession());
    // The glass reads traces with this client, so that these requests do not appear in the glass themselves.
    const unseen = new PlainchatClient(location.origin, { attempts: 2 });
    this.log = new RequestLog(
      (traceId) => unseen.readTrace({ traceId }),
      () => this.glass.hearOfRequests(),
    );
    this.client = new PlainchatClient(location.origin, { fetch: this.log.sender({ isBackground: false }) });
    this.#background = new PlainchatClient(location.origin, { fetch: this.log.sender({ isBackground: true }) });
    this.glass = new Glass({
      log: this.log,
      watcher: unseen,
      isClass: document.documentElement.dataset.class === "on",
      handleOf: (userId) => this.chat?.people.handleOf(userId),
      onChange: () => this.draw(),
    });
  }

  start(): void {
    addEventListener("keydown", (event) => {
      if (event.key !== "F2" && !(event.altKey && event.code === "KeyG")) return;
      event.preventDefault();
      this.glass.toggle();
    });
    document.addEventListener("visibilitychange", () => this.draw());
    this.#followSession();
  }

  /** A client for one request that may change the identity: when its reply comes, someone else may be logged in. */
  clientForOnce(credentials: Credentials | undefined = this.session.identity): PlainchatClient {
    const fetch = this.log.sender({ isBackground: false });
    return new PlainchatClient(location.origin, { credentials, fetch });
  }

  /** Someone has registered, logged in or changed their handle. */
  become(identity: Identity): void {
    this.session.keep(identity);
    this.#followSession();
  }

  /** Saves a change to a user, unless someone else is logged in now. */
  change(myId: number, news: Partial<Identity>): void {
    const { identity } = this.session;
    if (identity?.myId === myId) this.become({ ...identity, ...news });
  }

  /** Logs out. @param notice is shown above the form to join. */
  leave(notice?: string): void {
    this.session.forget();
    this.view.notice = notice;
    this.#followSession();
  }

  /** Tries to connect again with the saved identity. */
  tryAgain(): void {
    this.#followSession();
  }

  /** Draws once for all changes of a moment. Not in the next frame: a hidden tab gets no frames, but has a title. */
  draw(): void {
    if (this.#isToBeDrawn) return;
    this.#isToBeDrawn = true;
    queueMicrotask(() => {
      this.#isToBeDrawn = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { chat } = this;
    if (chat !== undefined && document.visibilityState === "visible") chat.markRead();
    const backToPlace = noteScrollPlace(document.querySelector<HTMLElement>(".messages"));
    render(this.#pageView(this), this.#place);
    const list = document.querySelector<HTMLElement>(".messages");
    backToPlace(list);
    this.#endKeeper.watch(list);
    placeDot(document.querySelector<HTMLElement>(".steps"));
    const unread = chat?.unread ?? 0;
    document.title = unread === 0 ? say("app.name") : `(${unread}) ${say("app.name")}`;
  }

  /** Makes the chat match the session. */
  #followSession(): void {
    const { identity } = this.session;
    this.client.credentials = identity;
    this.#background.credentials = identity;
    if (identity !== undefined && this.chat?.me.myId === identity.myId) {
      this.chat.changeIdentity(identity);
    } else {
      this.chat?.stop();
      // The next user must not see what the one before them sent.
      if (this.chat !== undefined) this.glass.forget();
      this.chat = identity === undefined ? undefined : this.#newChat(identity);
      this.chat?.start();
    }
    this.draw();
  }

  /**
   * The server does not accept the identity. Perhaps it was started with the wrong data folder, and nobody can get a
   * lost token back. So the browser keeps the identity until someone else joins here.
   */
  #isRefused(sentence: string): void {
    this.chat?.stop();
    this.chat = undefined;
    this.view.notice = sentence;
    this.draw();
  }

  #newChat(me: Identity): Chat {
    this.view.reset();
    return new Chat({
      client: this.client,
      background: this.#background,
      me,
      onChange: () => this.draw(),
      onGone: (gone) => this.glass.forgetGone(gone),
      onEnd: (sentence) => this.#isRefused(sentence),
    });
  }
}
