/**
 * The state of the glass: which requests it shows, which one is open, and where its dot is.
 */
import { ChatError } from "../../client/chat-error.ts";
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Gone, Trace } from "../../client/trace.ts";
import type { ConnectionState } from "../chat/connection/live-connection.ts";
import { say } from "../words/language.ts";
import { sentenceFor } from "../words/sentence-for.ts";
import { Player } from "./player.ts";
import type { RequestLog } from "./request-log.ts";
import { type SeenRequest, seenInClass } from "./seen-request.ts";
import { mentions, traceWithoutTexts } from "./without-texts.ts";

/** If there are more, the oldest is dropped. */
const MAX_CLASS_REQUESTS = 200;

interface GlassParts {
  log: RequestLog;
  /** Watches the class. Its own requests do not go into the log. */
  watcher: PlainchatClient;
  /** Whether the server is in class mode. */
  isClass: boolean;
  handleOf: (userId: number) => string | undefined;
  onChange: () => void;
}

export class Glass {
  isOpen = false;
  shows: "own" | "class" = "own";
  /** Whether the steps are shown as a table instead of a moving dot. */
  asTable = false;
  /** Whether the requests that the page sends by itself are shown, too. */
  showsBackground = false;
  /** Whether the newest request opens by itself. That stops when the user moves the dot by hand. */
  isFollowing = true;
  selected: SeenRequest | undefined;
  /** How many requests of the class the server left out, because there were too many. */
  missed = 0;
  /** The state of the connection that watches the class. */
  watching: ConnectionState = "connecting";
  watchError: string | undefined;
  readonly isClass: boolean;
  readonly player: Player;
  readonly #parts: GlassParts;
  readonly #classRequests: SeenRequest[] = [];
  /** The list as it was when the user froze it. */
  #stopped: SeenRequest[] | undefined;
  #watching: AbortController | undefined;

  constructor(parts: GlassParts) {
    this.#parts = parts;
    this.isClass = parts.isClass;
    this.player = new Player(parts.onChange);
  }

  /** Newest first. */
  get requests(): SeenRequest[] {
    const requests = this.#stopped ?? this.#all;
    return requests.filter(({ isBackground }) => this.showsBackground || !isBackground).toReversed();
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  toggle(): void {
    this.isOpen = !this.isOpen;
    this.#parts.log.explainsEverything = this.isOpen;
    this.#watchOrNot();
    this.isFollowing = true;
    if (this.isOpen) this.#openNewest();
    else this.player.pause();
    this.#parts.onChange();
  }

  follow(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    if (isFollowing) this.#openNewest();
    this.#parts.onChange();
  }

  show(which: "own" | "class"): void {
    this.shows = which;
    this.#stopped = undefined;
    this.#watchOrNot();
    this.follow(true);
  }

  /** Opens a request and starts its dot. */
  select(request: SeenRequest): void {
    this.selected = request;
    void this.#parts.log.explain(request);
    this.player.show(request.trace);
  }

  /** For when someone else logs in. */
  forget(): void {
    this.#parts.log.forget();
    this.#classRequests.length = 0;
    this.#stopped = undefined;
    this.selected = undefined;
    this.player.show(undefined);
  }

  stopOrGoOn(): void {
    this.#stopped = this.#stopped === undefined ? [...this.#all] : undefined;
    this.#parts.onChange();
  }

  /** A request was sent, answered or explained. */
  hearOfRequests(): void {
    const { selected, player } = this;
    if (selected?.trace !== undefined && player.trace !== selected.trace) player.show(selected.trace);
    // A class sends requests faster than a dot can move. There, the newest waits until the dot is at its end.
    const isFree = this.shows === "own" || !player.isPlaying;
    if (this.isOpen && this.isFollowing && isFree) this.#openNewest();
    this.#parts.onChange();
  }

  /** Opens the newest request that has a reply. */
  #openNewest(): void {
    const newest = this.requests.find(({ status }) => status !== undefined);
    if (newest !== undefined && newest !== this.selected) this.select(newest);
  }

  get #all(): readonly SeenRequest[] {
    return this.shows === "own" ? this.#parts.log.requests : this.#classRequests;
  }

  /** In a class, nobody sees the text of a message any more when it is gone, not even in their own requests. */
  forgetGone(gone: Gone): void {
    if (!this.isClass) return;
    for (const request of this.#parts.log.requests) {
      if (request.trace === undefined || !mentions(request.trace, gone)) continue;
      request.isTraceRead = false;
      delete request.trace;
    }
    this.#forgetTexts((trace) => mentions(trace, gone));
    this.#readSelected();
    this.#parts.onChange();
  }

  /** The teacher may have covered or shown texts, or have hidden somebody: the server knows what may be seen. */
  async #lookAgain(): Promise<void> {
    this.#forgetTexts(() => true);
    const { users } = await this.#parts.watcher.readClass();
    const hidden = new Set(users.filter(({ isHidden }) => isHidden).map(({ userId }) => userId));
    const isShown = ({ senderId }: SeenRequest) => !hidden.has(senderId ?? 0);
    for (const list of [this.#classRequests, this.#stopped ?? []]) list.splice(0, list.length, ...list.filter(isShown));
    if (this.selected !== undefined && !isShown(this.selected)) this.selected = undefined;
    this.#readSelected();
  }

  /** What must no longer be seen goes at once. The steps are read again when somebody opens the request. */
  #forgetTexts(isToGo: (trace: Trace) => boolean): void {
    for (const request of [...this.#classRequests, ...(this.#stopped ?? [])]) {
      const { trace } = request;
      if (trace === undefined || !isToGo(trace)) continue;
      const { query, body } = seenInClass(traceWithoutTexts(trace), this.#parts.handleOf);
      Object.assign(request, { query, body, isTraceRead: false });
      delete request.trace;
    }
  }

  #readSelected(): void {
    const { selected } = this;
    if (selected !== undefined && selected.trace === undefined) void this.#parts.log.explain(selected);
  }

  #watchOrNot(): void {
    const isToWatch = this.isOpen && this.shows === "class";
    if (isToWatch && this.#watching === undefined) void this.#watch();
    if (!isToWatch) {
      this.#watching?.abort();
      this.#watching = undefined;
    }
  }

  async #watch(): Promise<void> {
    const { watcher, handleOf } = this.#parts;
    const watching = new AbortController();
    this.#watching = watching;
    this.watching = "connecting";
    this.watchError = undefined;
    let isFirst = true;
    const onConnection = (state: ConnectionState) => {
      this.watching = state;
      if (state !== "lost") {
        // Nobody has told the glass what was removed in the meantime.
        if (!isFirst) this.#lookAgain().catch(() => {});
        isFirst = false;
      }
      this.#parts.onChange();
    };
    try {
      for await (const event of watcher.watchRequests({ signal: watching.signal, onConnection })) {
        if (event.type === "missed") this.missed += event.count;
        else if (event.type === "trace") this.#classRequests.push(seenInClass(event.trace, handleOf));
        else if (event.type === "gone") {
          this.#forgetTexts((trace) => mentions(trace, event));
          this.#readSelected();
        } else await this.#lookAgain();
        if (this.#classRequests.length > MAX_CLASS_REQUESTS) this.#classRequests.shift();
        this.hearOfRequests();
      }
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      const isFull = error.status === 429 || error.status === 503;
      this.watchError = isFull ? say("error.tooManyOpen") : sentenceFor(error);
      this.#watching = undefined;
      this.#parts.onChange();
    }
  }
}
