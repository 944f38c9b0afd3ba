/**
 * Listens to the stream for as long as somebody looks at the page. A browser allows six connections to one server, for
 * all its tabs together, and a stream is one of them: so a tab that nobody looks at gives its own back after a while,
 * and only asks from time to time.
 */
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import type { ChatEvent } from "../../client/types.ts";

const HIDDEN_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 15_000;

export type ConnectionState = "connecting" | "open" | "lost";

export interface LiveConnectionParts {
  client: PlainchatClient;
  onState: () => void;
  /** Everything has to be fetched: nobody listened until now. */
  onBegin: () => void;
  onEvent: (event: ChatEvent) => void;
  /** It is time to ask for what is new, because nobody listens. */
  onPoll: () => void;
  /** The server does not let this user listen. */
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

  /** Begins anew, because the token is another one. */
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
      // Whoever comes back goes on behind the last event: only the first time there is something to fetch.
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
