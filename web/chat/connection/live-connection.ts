/**
 * Listens to the stream while the page is visible. A browser allows six connections to one server, for all its tabs
 * together, and each stream uses one. So a hidden tab closes its stream after a while, and only asks from time to time.
 * Where no stream gets through, fetches that wait take its place, until it does.
 */
import { pause } from "../../../client/backoff.ts";
import { ChatError } from "../../../client/chat-error.ts";
import { Nudge } from "../../../client/nudge.ts";
import type { PlainchatClient } from "../../../client/plainchat-client.ts";
import type { ChatEvent } from "../../../client/types.ts";
import { type Fallback, fetchAndWait, untilAnswered } from "./fallback.ts";

const HIDDEN_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 15_000;
/** If a stream has brought nothing for this long, but the server answers, something holds the stream back. */
const PATIENCE_MILLISECONDS = 3_000;
/** How often the page then tries the stream again, … */
const RETRY_MILLISECONDS = 30_000;
/** … for how long, … */
const TRIAL_MILLISECONDS = 10_000;
/** … and how long it must last if one before brought only a first piece: longer than the client endures silence. */
const PROVEN_MILLISECONDS = 45_000;
/** After this long without an answer, it is probably more than a short break. */
const LONG_LOST_MILLISECONDS = 8_000;

/** "waiting": no stream gets through, but fetches that wait do. */
export type ConnectionState = "connecting" | "open" | "waiting" | "lost";

interface LiveConnectionParts extends Fallback {
  client: PlainchatClient;
  onState: () => void;
  /** Listening has just started, so everything has to be fetched. */
  onBegin: () => Promise<void>;
  onEvent: (event: ChatEvent) => void;
  /** The server refuses to let this user listen. */
  onRefused: (error: unknown) => void;
}

export class LiveConnection {
  state: ConnectionState = "connecting";
  /** Whether the server has not answered for a while: perhaps it has another address now. */
  isLongLost = false;
  readonly #parts: LiveConnectionParts;
  readonly #stopping = new AbortController();
  readonly #nudge = new Nudge();
  /** The stream, open or being tried. */
  #listening = new AbortController();
  /** Undefined while nothing takes the place of the stream. */
  #fallingBack: AbortController | undefined;
  #hasBegun = false;
  /** After its first piece, a stream brought nothing. So a first piece does not prove that the next stream works. */
  #isDoubtful = false;
  /** The tab is hidden, and its stream is closed. */
  #isResting = false;
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #polling: ReturnType<typeof setInterval> | undefined;
  #losing: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: LiveConnectionParts) {
    this.#parts = parts;
  }

  start(): void {
    const { signal } = this.#stopping;
    document.addEventListener("visibilitychange", () => this.#showOrHide(), { signal });
    addEventListener("online", () => this.serverAnswers(), { signal });
    this.#polling = setInterval(() => {
      if (this.#isResting) this.#parts.fetchNew(0, signal).catch(() => {});
    }, POLL_MILLISECONDS);
    this.#begin();
  }

  /** Starts again, because the token has changed. */
  restart(): void {
    this.#begin();
  }

  stop(): void {
    this.#stopping.abort();
    this.#close();
    clearTimeout(this.#hiding);
    clearInterval(this.#polling);
    clearTimeout(this.#losing);
  }

  /** Another request has got a reply. So the next try need not wait: the lamp must not say "lost" for seconds. */
  serverAnswers(): void {
    if (this.state === "lost") this.#nudge.give();
  }

  #begin(): void {
    this.#close();
    this.#hasBegun = false;
    void this.#listen();
    void this.#fallBack();
  }

  #close(): void {
    this.#listening.abort();
    this.#fallingBack?.abort();
    this.#fallingBack = undefined;
  }

  async #listen(): Promise<void> {
    this.#listening.abort();
    const listening = new AbortController();
    this.#listening = listening;
    const { client, onEvent } = this.#parts;
    const { signal } = listening;
    let isNew = true;
    let openedAt: number | undefined;
    let proving: ReturnType<typeof setTimeout> | undefined;
    const onConnection = (state: "open" | "lost", error?: ChatError) => {
      if (signal.aborted) return;
      clearTimeout(proving);
      if (state === "lost") {
        const lasted = Date.now() - (openedAt ?? Number.NEGATIVE_INFINITY);
        this.#isDoubtful ||= lasted < PROVEN_MILLISECONDS && error !== undefined && isSilence(error);
        openedAt = undefined;
        if (this.state !== "waiting") this.#change("lost");
        void this.#fallBack();
        return;
      }
      openedAt = Date.now();
      if (this.#isDoubtful && this.#fallingBack !== undefined) {
        proving = setTimeout(() => !signal.aborted && this.#isOpen(true), PROVEN_MILLISECONDS);
      } else {
        // After a lost connection the stream continues after the last event, so only the first time needs a fetch.
        this.#isOpen(isNew);
        isNew = false;
      }
    };
    try {
      const options = { box: "both", signal, onConnection, nudge: this.#nudge } as const;
      for await (const event of client.listen(options)) onEvent(event);
    } catch (error) {
      if (signal.aborted) return;
      if (isRefusal(error)) this.#isRefused(error);
      else void this.#fallBack();
    } finally {
      clearTimeout(proving);
    }
  }

  #isOpen(isNew: boolean): void {
    this.#isDoubtful = false;
    this.#fallingBack?.abort();
    this.#fallingBack = undefined;
    if (isNew) void this.#parts.onBegin();
    this.#hasBegun = true;
    this.#change("open");
  }

  /** Waits whether a stream opens. If none does although the server answers, fetches take its place. */
  async #fallBack(): Promise<void> {
    if (this.#fallingBack !== undefined) return;
    const fallingBack = new AbortController();
    this.#fallingBack = fallingBack;
    const { signal } = fallingBack;
    while (!signal.aborted) {
      try {
        await pause(PATIENCE_MILLISECONDS, signal);
        await untilAnswered(this.#parts, signal, isRefusal);
        if (signal.aborted) return;
        if (!this.#hasBegun) await this.#parts.onBegin();
        this.#hasBegun = true;
        // Perhaps the server has only just come back. Then a stream opens now.
        this.serverAnswers();
        await pause(PATIENCE_MILLISECONDS, signal);
        if (!signal.aborted) await this.#waitInstead(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isRefusal(error)) return this.#isRefused(error);
        this.#change("lost");
        void this.#listen();
      }
    }
  }

  async #waitInstead(signal: AbortSignal): Promise<void> {
    this.#change("waiting");
    const isDone = AbortSignal.any([signal, this.#stopping.signal]);
    const failing = new AbortController();
    void this.#tryAgainAndAgain(AbortSignal.any([isDone, failing.signal]));
    try {
      await this.#parts.onBegin();
      await fetchAndWait(this.#parts, signal);
    } finally {
      failing.abort();
    }
  }

  /** From time to time, sees whether a stream gets through. */
  async #tryAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#listening.abort();
      await pause(RETRY_MILLISECONDS, signal);
      if (signal.aborted) return;
      void this.#listen();
      await pause(this.#isDoubtful ? PROVEN_MILLISECONDS + TRIAL_MILLISECONDS : TRIAL_MILLISECONDS, signal);
    }
  }

  #isRefused(error: unknown): void {
    this.#close();
    this.#change("lost");
    this.#parts.onRefused(error);
  }

  #showOrHide(): void {
    clearTimeout(this.#hiding);
    if (document.visibilityState === "hidden") {
      this.#hiding = setTimeout(() => {
        this.#isResting = true;
        this.#close();
      }, HIDDEN_MILLISECONDS);
    } else if (this.#isResting) {
      this.#isResting = false;
      this.#change("connecting");
      this.#begin();
    } else {
      this.serverAnswers();
    }
  }

  #change(state: ConnectionState): void {
    this.state = state;
    if (state === "open" || state === "waiting") {
      clearTimeout(this.#losing);
      this.#losing = undefined;
      this.isLongLost = false;
    } else if (!this.#stopping.signal.aborted) {
      this.#losing ??= setTimeout(() => {
        this.isLongLost = true;
        this.#parts.onState();
      }, LONG_LOST_MILLISECONDS);
    }
    this.#parts.onState();
  }
}

/** The server itself says no. A proxy may also say no, to the stream only: its words are different. */
function isRefusal(error: unknown): boolean {
  return error instanceof ChatError && error.reason === "refused" && (error.status === 401 || error.status === 403);
}

function isSilence({ cause }: ChatError): boolean {
  return cause instanceof DOMException && cause.name === "TimeoutError";
}
