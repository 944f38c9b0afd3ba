/**
 * Puts the page together: who one is, the chat, the glass. When something has changed it is drawn anew, as a whole:
 * lit-html finds out what is different.
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
  /** What is on the screen and nowhere else: what is being edited, what is being looked for. */
  readonly view = new ViewState();
  /** Undefined where nobody is logged in. */
  chat: Chat | undefined;
  readonly #place: HTMLElement;
  readonly #pageView: (app: App) => TemplateResult;
  /** For what somebody has asked for by a click or a key. */
  readonly client: PlainchatClient;
  /** For what the page does by itself. */
  readonly #background: PlainchatClient;
  readonly #endKeeper = new EndKeeper();
  #isToBeDrawn = false;

  /** @param place where the page is drawn. @param pageView what it looks like. */
  constructor(place: HTMLElement, pageView: (app: App) => TemplateResult) {
    this.#place = place;
    this.#pageView = pageView;
    this.session = new Session(() => this.#followSession());
    // The glass reads what the server tells of requests, and that is not to be seen in the glass again.
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

  /** A client for one request that may change who one is: its reply may come when somebody else sits here. */
  clientForOnce(credentials: Credentials | undefined = this.session.identity): PlainchatClient {
    const fetch = this.log.sender({ isBackground: false });
    return new PlainchatClient(location.origin, { credentials, fetch });
  }

  /** Somebody has registered, or logged in, or is called otherwise now. */
  become(identity: Identity): void {
    this.session.keep(identity);
    this.#followSession();
  }

  /** Something about a user is another now: unless somebody else sits here by now, that is kept. */
  change(myId: number, news: Partial<Identity>): void {
    const { identity } = this.session;
    if (identity?.myId === myId) this.become({ ...identity, ...news });
  }

  /** Nobody is logged in any more. */
  leave(notice?: string): void {
    this.session.forget();
    this.view.notice = notice;
    this.#followSession();
  }

  /** Tries once more to be who one was. */
  tryAgain(): void {
    this.#followSession();
  }

  /** Once for all that changes in one go. Not with the next frame: a tab that nobody looks at has none, but a title. */
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

  /** Makes the chat what the session says. */
  #followSession(): void {
    const { identity } = this.session;
    this.client.credentials = identity;
    this.#background.credentials = identity;
    if (identity !== undefined && this.chat?.me.myId === identity.myId) {
      this.chat.changeIdentity(identity);
    } else {
      this.chat?.stop();
      // The next one who sits here sees nothing of what was sent before.
      if (this.chat !== undefined) this.glass.forget();
      this.chat = identity === undefined ? undefined : this.#newChat(identity);
      this.chat?.start();
    }
    this.draw();
  }

  /**
   * The server does not know who one is. It may have been started with another data folder by mistake, and a token that is
   * lost cannot be had again: so it is kept until somebody else joins here.
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
      onEnd: (sentence) => this.#isRefused(sentence),
    });
  }
}
