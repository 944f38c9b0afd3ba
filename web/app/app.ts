/**
 * Puts the page together: the session, the chat and the glass. After every change it draws the whole page again, and
 * lit-html finds out what is different. web/main.ts starts it.
 */
import { render, type TemplateResult } from "lit-html";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Credentials } from "../../client/types.ts";
import { isSmallScreen, Place } from "../browser/place.ts";
import { EndKeeper, noteScrollPlace } from "../browser/scroll-place.ts";
import { Chat } from "../chat/chat.ts";
import { ReadMarks } from "../chat/read-marks.ts";
import { placeDot } from "../glass/dot.ts";
import { Glass } from "../glass/glass.ts";
import { RequestLog } from "../glass/request-log.ts";
import { say } from "../words/language.ts";
import { Clients } from "./clients.ts";
import { FolderGate } from "./folder-gate.ts";
import { type Identity, isSame, type Newcomer, Session, scopeOf } from "./session.ts";
import { ViewState } from "./view-state.ts";
import { whichFolder } from "./which-folder.ts";

interface LaterViews {
  accountDialog: (app: App, chat: Chat) => TemplateResult;
  openAccount: (app: App) => void;
  glassView: (app: App) => TemplateResult;
  rejoinForm: (app: App) => TemplateResult;
}

export class App {
  readonly session: Session;
  readonly log: RequestLog;
  readonly glass: Glass;
  /** What is only on the screen, such as the text in the search field. */
  readonly view = new ViewState();
  /** Undefined until it is loaded. */
  later: LaterViews | undefined;
  /** Undefined when nobody is logged in. */
  chat: Chat | undefined;
  readonly #element: HTMLElement;
  readonly #place = new Place(() => this.#followPlace());
  readonly #pageView: (app: App) => TemplateResult;
  readonly #loadLater: () => Promise<LaterViews>;
  readonly #clients: Clients;
  readonly #gate: FolderGate;
  /** The user wants to be this person, although the server may have another folder. */
  #trying: Identity | undefined;
  readonly #endKeeper = new EndKeeper();
  #isToBeDrawn = false;
  /** Whose requests the glass shows. */
  #lastScope: string | undefined;

  /**
   * @param element where to draw the page. @param pageView how it looks.
   * @param loadLater loads what the first view does not show.
   */
  constructor(element: HTMLElement, pageView: (app: App) => TemplateResult, loadLater: () => Promise<LaterViews>) {
    this.#loadLater = loadLater;
    this.#element = element;
    this.#pageView = pageView;
    this.session = new Session(() => this.#followSession());
    // The glass reads traces with this client, so that these requests do not appear in the glass themselves.
    const unseen = new PlainchatClient(location.origin, { attempts: 2 });
    this.log = new RequestLog(
      (traceId) => unseen.readTrace({ traceId }),
      () => this.glass.hearOfRequests(),
    );
    this.#gate = new FolderGate({
      ask: () => whichFolder(unseen, this.glass.isClass),
      wanted: () => (isSame(this.session.identity, this.#trying) ? undefined : this.session.identity?.folder),
      onElsewhere: () => this.#end(this.#elsewhereSentence()),
    });
    this.#clients = new Clients(this.log, this.#gate, {
      answered: () => this.chat?.connection.serverAnswers(),
      accepted: () => this.#isAccepted(),
    });
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
      this.toggleGlass();
    });
    if (this.#place.isGlass) {
      this.glass.toggle();
      void this.loadLater();
    }
    document.addEventListener("visibilitychange", () => this.draw());
    this.#followSession();
  }

  async openConversation(userId: number): Promise<void> {
    const { chat } = this;
    if (chat === undefined) return;
    this.view.editing = undefined;
    this.#place.goTo(scopeOf(chat.me), userId);
    await chat.opened.open(userId);
    document.querySelector<HTMLElement>("#message-text")?.focus();
  }

  /** Back to the list of people. */
  leaveConversation(): void {
    if (this.chat !== undefined && this.#place.openIdOf(scopeOf(this.chat.me)) !== undefined) this.#place.back();
    else void this.chat?.opened.open(undefined);
  }

  /** Loads the views that the first view does not need, unless they are here. */
  async loadLater(): Promise<LaterViews | undefined> {
    try {
      this.later ??= await this.#loadLater();
    } catch {
      // The server cannot be reached. The next time that they are needed, they are loaded again.
    }
    this.draw();
    return this.later;
  }

  toggleGlass(): void {
    void this.loadLater();
    if (this.glass.isOpen && this.#place.isGlass) {
      this.#place.back();
    } else {
      this.glass.toggle();
      if (this.glass.isOpen && isSmallScreen()) this.#place.goToGlass();
    }
  }

  /** A client for one request that may change the identity: when its reply comes, someone else may be logged in. */
  clientForOnce(credentials: Credentials | undefined = this.session.identity): PlainchatClient {
    const fetch = this.log.sender({ isBackground: false });
    return new PlainchatClient(location.origin, { credentials, fetch });
  }

  /** Whether somebody who is known here is so in another class than the one that the server had last. */
  isElsewhere({ folder }: Identity): boolean {
    return folder !== undefined && this.#gate.folder !== undefined && folder !== this.#gate.folder;
  }

  /** Finds out which class the server has, before somebody joins it. */
  async askFolder(): Promise<void> {
    await this.#gate.ask().catch(() => {});
  }

  /** Someone has registered or logged in. @param options.isNew whether there can be no messages yet. */
  become(newcomer: Newcomer, { isNew = false } = {}): void {
    const identity = this.session.admit(newcomer, this.#gate.folder);
    if (isNew) ReadMarks.beginEmpty(scopeOf(identity));
    this.#followSession();
  }

  /** Saves a change to a user, unless someone else is logged in now. */
  change(myId: number, news: Partial<Identity>): void {
    const { identity } = this.session;
    if (identity?.myId !== myId) return;
    this.session.keep({ ...identity, ...news });
    this.#followSession();
  }

  /** Logs out: deletes the token from this browser. @param notice is shown above the form to join. */
  leave(notice?: string): void {
    const { identity } = this.session;
    this.#place.forget();
    this.view.notice = notice;
    if (identity !== undefined) this.forget(identity);
  }

  /** Deletes somebody's token from this browser, and what they have not sent in this tab. */
  forget(identity: Identity): void {
    this.session.forget(identity);
    this.view.forgetting = undefined;
    this.#followSession();
  }

  /** Lets somebody else join in this browser. Whoever is logged in stays known here. */
  addAnother(): void {
    this.session.stepAside();
    this.#followSession();
  }

  /** Continues as somebody else who is known in this browser. */
  switchTo(identity: Identity): void {
    document.querySelector<HTMLDialogElement>("dialog.account")?.close();
    this.view.notice = undefined;
    this.session.keep(identity);
    this.#followSession();
  }

  /** Tries to connect again with the saved identity. The user has asked for it, so the folder may be another one. */
  tryAgain(): void {
    this.#trying = this.session.identity;
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
    render(this.#pageView(this), this.#element);
    const list = document.querySelector<HTMLElement>(".messages");
    backToPlace(list);
    this.#endKeeper.watch(list);
    placeDot(document.querySelector<HTMLElement>(".steps"));
    const unread = chat?.unread ?? 0;
    document.title = unread === 0 ? say("app.name") : `(${unread}) ${say("app.name")}`;
  }

  /** The user has gone back or forward. */
  #followPlace(): void {
    if (this.glass.isOpen !== this.#place.isGlass && (this.#place.isGlass || isSmallScreen())) this.glass.toggle();
    const { chat } = this;
    if (chat === undefined) return;
    this.view.editing = undefined;
    void chat.opened.open(this.#place.openIdOf(scopeOf(chat.me)));
  }

  /** Makes the chat match the session. */
  #followSession(): void {
    const { identity } = this.session;
    this.#clients.actAs(identity);
    this.#gate.doubt();
    if (this.chat !== undefined && identity !== undefined && isSame(this.chat.me, identity)) {
      this.chat.changeIdentity(identity);
    } else {
      this.chat?.stop();
      if (this.chat !== undefined && !this.session.isKnown(this.chat.me)) this.chat.forget();
      // The next user must not see what the one before them sent.
      const scope = identity && scopeOf(identity);
      if (this.#lastScope !== undefined && scope !== this.#lastScope) this.glass.forget();
      this.#lastScope = scope;
      this.chat = identity === undefined ? undefined : this.#newChat(identity);
      if (this.chat !== undefined) {
        this.chat.start(this.#place.openIdOf(scopeOf(this.chat.me)));
        void this.loadLater();
      }
    }
    this.draw();
  }

  /**
   * The server does not accept the identity. Perhaps it was started with the wrong data folder, and nobody can get a
   * lost token back. So the browser keeps the identity.
   */
  async #isRefused(sentence: string): Promise<void> {
    const wanted = this.session.identity?.folder;
    await this.askFolder();
    const isElsewhere = wanted !== undefined && this.#gate.folder !== wanted;
    this.#end(isElsewhere ? this.#elsewhereSentence() : sentence);
  }

  #elsewhereSentence(): string {
    const phrase = this.glass.isClass ? "join.anotherClass" : "join.anotherFolder";
    return say(phrase, { handle: this.session.identity?.userHandle ?? "" });
  }

  /** The server has accepted the token, so the folder that it has now is this user's. */
  #isAccepted(): void {
    const { identity } = this.session;
    const { folder } = this.#gate;
    if (identity === undefined || folder === undefined || identity.folder === folder) return;
    if (identity.folder === undefined || isSame(identity, this.#trying)) this.session.keep({ ...identity, folder });
    this.#trying = undefined;
  }

  #end(sentence: string): void {
    this.#trying = undefined;
    this.chat?.stop();
    this.chat = undefined;
    this.view.notice = sentence;
    this.draw();
  }

  #newChat(me: Identity): Chat {
    this.view.reset();
    return new Chat({
      clients: this.#clients,
      isClass: this.glass.isClass,
      me,
      onChange: () => this.draw(),
      onGone: (gone) => this.glass.forgetGone(gone),
      onEnd: (sentence) => void this.#isRefused(sentence),
    });
  }
}
