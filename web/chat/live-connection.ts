/**
 * Listens to the stream while the page is visible. A browser allows six connections to one server, for all its tabs
 * together, and each stream uses one. So a hidden tab closes its stream after a while, and only asks from time to time.
 */
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import type { ChatEvent } from "../../client/types.ts";

const HIDDEN_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 15_000;

export type ConnectionState = "connecting" | "open" | "lost";

interface LiveConnectionParts {
  client: PlainchatClient;
  onState: () => void;
  /** Listening has just started, so everything has to be fetched. */
  onBegin: () => void;
  onEvent: (event: ChatEvent) => void;
  /** The stream is closed, and it is time to ask for new messages. */
  onPoll: () => void;
  /** The server refuses to let this user listen. */
  onRefused: (error: unknown) => void;
}

export class LiveConnection {
  state: ConnectionState = "connecting";
  readonly #parts: LiveConnectionParts;
  readonly #stopping = new AbortController();
  #listening = new AbortController();
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #polling: ReturnType<typeof setInterval> | undefined;

  constructor(parts: LiveConnectionParts) {
    this.#parts = parts;
  }

  start(): void {
    const { signal } = this.#stopping;
    document.addEventListener("visibilitychange", () => this.#showOrHide(), { signal });
    this.#polling = setInterval(() => {
      if (this.#listening.signal.aborted) this.#parts.onPoll();
    }, POLL_MILLISECONDS);
    void this.#listen();
  }

  /** Starts again, because the token has changed. */
  restart(): void {
    void this.#listen();
  }

  stop(): void {
    this.#stopping.abort();
    this.#listening.abort();
    clearTimeout(this.#hiding);
    clearInterval(this.#polling);
  }

  async #listen(): Promise<void> {
    this.#listening.abort();
    const listening = new AbortController();
    this.#listening = listening;
    const { client, onBegin, onEvent, onRefused } = this.#parts;
    let hasBegun = false;
    const onConnection = (state: "open" | "lost") => {
      if (listening !== this.#listening) return;
      // After a lost connection the stream continues after the last event, so only the first time needs a fetch.
      if (state === "open" && !hasBegun) onBegin();
      hasBegun ||= state === "open";
      this.#change(state);
    };
    try {
      for await (const event of client.listen({ box: "both", signal: listening.signal, onConnection })) onEvent(event);
    } catch (error) {
      if (listening !== this.#listening) return;
      this.#change("lost");
      onRefused(error);
    }
  }

  #showOrHide(): void {
    clearTimeout(this.#hiding);
    if (document.visibilityState === "hidden") {
      this.#hiding = setTimeout(() => this.#listening.abort(), HIDDEN_MILLISECONDS);
    } else if (this.#listening.signal.aborted) {
      this.#change("connecting");
      void this.#listen();
    }
  }

  #change(state: ConnectionState): void {
    this.state = state;
    this.#parts.onState();
  }
}
