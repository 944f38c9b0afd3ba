/**
 * Reads server-sent events until the caller stops. If the network or the server goes away, it reconnects, tells the
 * server which event it saw last, and continues there.
 */
import { backoff, pause } from "./backoff.ts";
import { ChatError, errorInReply, noReply } from "./chat-error.ts";
import { type Frame, readFrames } from "./event-stream.ts";
import type { Nudge } from "./nudge.ts";
import { type ChatRequest, type Connection, fetchReply, nothingWasDone } from "./request.ts";

export interface StreamOptions {
  /** Stops listening. */
  signal?: AbortSignal | undefined;
  /** Called when the connection opens, and when it is lost and will be tried again. */
  onConnection?: ((state: "open" | "lost", error?: ChatError) => void) | undefined;
  /** Makes it try again at once. */
  nudge?: Nudge | undefined;
}

/** The server sends something every 15 seconds. After this much silence, the connection is dead. */
const SILENCE_MILLISECONDS = 40_000;
/** If the server is known to be there, the first bytes must come within this time. */
const NUDGED_MILLISECONDS = 2_000;

interface Stream extends StreamOptions {
  /**
   * Whether the server sends something at the start. Then headers alone do not mean that the connection is open: some
   * proxies pass them on and hold back the rest.
   */
  beginsAtOnce: boolean;
}

/**
 * @param position the id of the event to continue after.
 * @returns the frames that have data.
 * @throws {ChatError} when the server refuses, for example because the user has left.
 */
export async function* stayConnected(
  connection: Connection,
  request: ChatRequest,
  position: string | undefined,
  { beginsAtOnce, signal, onConnection, nudge }: Stream,
): AsyncGenerator<Frame, void, void> {
  let failures = 0;
  while (!signal?.aborted) {
    const silence = new Silence(connection.timeoutSeconds * 1000);
    const ended = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    let isOpen = false;
    // This try may have begun before the server could be reached, and then it may hang.
    const hurry = () => isOpen || silence.allow(NUDGED_MILLISECONDS);
    nudge?.signal.addEventListener("abort", hurry, { signal: ended });
    const onBytes = () => {
      if (isOpen) return silence.end();
      isOpen = true;
      silence.allow(SILENCE_MILLISECONDS);
      onConnection?.("open");
    };
    try {
      const headers = position === undefined ? {} : { "last-event-id": position };
      const reply = await fetchReply(connection, { ...request, headers: { ...request.headers, ...headers } }, ended);
      if (reply.status !== 200 || reply.body === null) throw errorInReply(reply, await reply.text(), connection.url);
      if (!beginsAtOnce) onBytes();
      for await (const frame of readFrames(reply.body, onBytes)) {
        failures = 0;
        position = frame.id ?? position;
        if (frame.data !== "") yield frame;
      }
      onConnection?.("lost");
    } catch (error) {
      if (signal?.aborted) return;
      const failure =
        error instanceof ChatError ? error : noReply(connection.url, ended.aborted ? ended.reason : error);
      if (failure.status >= 400 && failure.status < 500 && !nothingWasDone(failure)) throw failure;
      onConnection?.("lost", failure);
    } finally {
      silence.close();
    }
    await pause(backoff(failures), AbortSignal.any([signal, nudge?.signal].filter((each) => each !== undefined)));
    failures++;
  }
}

/** Aborts when nothing has arrived for too long. */
class Silence {
  readonly #abort = new AbortController();
  #milliseconds: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#timer = setTimeout(() => this.#give(), milliseconds);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on, the server may be silent for this long. */
  allow(milliseconds: number): void {
    this.#milliseconds = milliseconds;
    this.end();
  }

  /** Something arrived: the wait starts again. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#give(), this.#milliseconds);
  }

  /** Listening is over: closes the connection if it is still open. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #give(): void {
    this.#abort.abort(new DOMException("Nothing came", "TimeoutError"));
  }
}
