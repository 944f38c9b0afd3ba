/**
 * A stream that somebody only watches, and what takes its place where no stream gets through: short replies
 * (held-events.ts). From time to time it tries the stream again. watch-requests.ts reads what it hears.
 */
import { pause } from "./backoff.ts";
import { ChatError } from "./chat-error.ts";
import type { Frame } from "./event-stream.ts";
import { askAgainAndAgain, isRefusal } from "./held-events.ts";
import { Nudge } from "./nudge.ts";
import type { ChatRequest, Connection } from "./request.ts";
import { stayConnected } from "./stay-connected.ts";

/** If a stream has brought nothing for this long, something may hold it back. */
const PATIENCE_MILLISECONDS = 3_000;
/** How often the stream is then tried again, … */
const RETRY_MILLISECONDS = 30_000;
/** … for how long, … */
const TRIAL_MILLISECONDS = 10_000;
/** … and how long it must last if one before brought only a first piece: longer than stayConnected() endures silence. */
const PROVEN_MILLISECONDS = 45_000;

/** "waiting": no stream gets through, but short replies do. */
export type WatchState = "open" | "waiting" | "lost";

interface Hearer {
  /** A frame of the stream, or of a reply. Two replies that overlap have some frames both. */
  hear: (frame: Frame) => void;
  onState: (state: WatchState) => void;
}

export class Watch {
  readonly #connection: Connection;
  readonly #request: ChatRequest;
  readonly #hearer: Hearer;
  /** Undefined until something is known. */
  #state: WatchState | undefined;
  #trial = new AbortController();
  #asking = new AbortController();
  /** Whether the stream works. */
  #isProven = false;
  /** After its first piece, a stream brought nothing. So a first piece does not prove that the next stream works. */
  #isDoubtful = false;
  /** When the first reply came after the connection was lost. The stream then gets a last chance. */
  #answeredAt: number | undefined;
  /** The server can be reached. */
  readonly #nudge = new Nudge();
  readonly #lost = new Nudge();

  constructor(connection: Connection, request: ChatRequest, hearer: Hearer) {
    this.#connection = connection;
    this.#request = request;
    this.#hearer = hearer;
  }

  /** Ends when `signal` is aborted. @throws {ChatError} when the server refuses. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#listen(signal), this.#askWhereNeeded(signal)]);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#trial = new AbortController();
      const { signal: ended } = this.#trial;
      const milliseconds = TRIAL_MILLISECONDS + (this.#isDoubtful ? PROVEN_MILLISECONDS : 0);
      const timer = setTimeout(() => this.#state === "waiting" && this.#endTrial(), milliseconds);
      try {
        await this.#listenOnce(AbortSignal.any([signal, ended]));
      } finally {
        clearTimeout(timer);
      }
      await pause(RETRY_MILLISECONDS, AbortSignal.any([signal, this.#nudge.signal]));
    }
  }

  /** Ends when `signal` is aborted, or when something on the way refuses the stream. */
  async #listenOnce(signal: AbortSignal): Promise<void> {
    let openedAt = Number.NEGATIVE_INFINITY;
    let proving: ReturnType<typeof setTimeout> | undefined;
    const onConnection = (state: "open" | "lost", error?: ChatError) => {
      if (signal.aborted) return;
      clearTimeout(proving);
      if (state === "open") {
        openedAt = Date.now();
        if (!this.#isDoubtful) this.#isOpen();
        else proving = setTimeout(() => this.#isOpen(), PROVEN_MILLISECONDS);
      } else {
        this.#isDoubtful ||= Date.now() - openedAt < PROVEN_MILLISECONDS && error !== undefined && isSilence(error);
        openedAt = Number.NEGATIVE_INFINITY;
        this.#isLost();
      }
    };
    try {
      const stream = { signal, onConnection, nudge: this.#nudge, beginsAtOnce: true };
      for await (const frame of stayConnected(this.#connection, this.#request, undefined, stream)) {
        this.#hearer.hear(frame);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ChatError) || isRefusal(error)) throw error;
      this.#isLost();
    } finally {
      clearTimeout(proving);
    }
  }

  async #askWhereNeeded(signal: AbortSignal): Promise<void> {
    const onReply = (hasCome: boolean) => (hasCome ? this.#isAnswered() : this.#isUnanswered());
    const hearer = { hear: this.#hearer.hear, onReply };
    while (!signal.aborted) {
      const lost = this.#lost.signal;
      if (this.#isProven) await untilAborted(AbortSignal.any([signal, lost]));
      await pause(PATIENCE_MILLISECONDS, signal);
      if (this.#isProven || signal.aborted) continue;
      this.#asking = new AbortController();
      this.#answeredAt = undefined;
      const ended = AbortSignal.any([signal, this.#asking.signal]);
      await askAgainAndAgain(this.#connection, this.#request, hearer, ended);
    }
  }

  #isOpen(): void {
    this.#isProven = true;
    this.#isDoubtful = false;
    this.#asking.abort();
    this.#become("open");
  }

  #isLost(): void {
    this.#isProven = false;
    this.#lost.give();
    if (this.#state !== "waiting") this.#become("lost");
  }

  /** A short reply has come. After an outage, the stream may only be slower: it gets a moment before this is believed. */
  #isAnswered(): void {
    if (this.#state === "waiting" || this.#isProven) return;
    this.#answeredAt ??= Date.now();
    if (this.#state === "lost" && Date.now() - this.#answeredAt < PATIENCE_MILLISECONDS) this.#nudge.give();
    else {
      this.#become("waiting");
      if (!this.#isDoubtful) this.#endTrial();
    }
  }

  #isUnanswered(): void {
    this.#answeredAt = undefined;
    if (!this.#isProven) this.#become("lost");
  }

  #endTrial(): void {
    if (!this.#isProven) this.#trial.abort();
  }

  #become(state: WatchState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#hearer.onState(state);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function isSilence({ cause }: ChatError): boolean {
  return cause instanceof DOMException && cause.name === "TimeoutError";
}
