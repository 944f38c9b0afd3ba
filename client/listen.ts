/**
 * Listens to a queue for as long as somebody wants to hear. The network and the server may come and go meanwhile: it
 * comes back, says where it was, and goes on there, so that every event comes once and in order.
 */
import { backoff, pause } from "./backoff.ts";
import { ChatError, errorInReply, noReply } from "./chat-error.ts";
import { readFrames } from "./event-stream.ts";
import { type ChatRequest, type Connection, fetchReply, nothingWasDone } from "./request.ts";
import type { Box, ChatEvent, Credentials, Message } from "./types.ts";

export interface ListenOptions {
  /** "received", where it is not given. */
  box?: Box | undefined;
  /** Begin with the messages in the queue that have a greater id. */
  after?: number | undefined;
  /** Go on behind this event. */
  lastEventId?: number | undefined;
  /** Ends the listening. */
  signal?: AbortSignal | undefined;
  /** Told whenever the connection is there, and when it is gone and will be tried again. */
  onConnection?: (state: "open" | "lost", error?: ChatError) => void;
}

/** The server sends something every 15 seconds. When nothing came for so long, the connection is dead. */
const SILENCE_MILLISECONDS = 40_000;

/** @throws {ChatError} when the server refuses, for instance because the user has left. */
export async function* listen(
  connection: Connection,
  credentials: Credentials | undefined,
  { box, after, lastEventId, signal, onConnection }: ListenOptions,
): AsyncGenerator<ChatEvent, void, void> {
  let position = lastEventId?.toString();
  let failures = 0;
  while (!signal?.aborted) {
    const silence = new Silence(connection.timeoutSeconds * 1000);
    const ended = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    try {
      const request: ChatRequest = {
        method: "GET",
        path: "/api/v1/chat/stream",
        credentials,
        inputs: { box, after },
        headers: position === undefined ? {} : { "last-event-id": position },
        isRepeatable: true,
      };
      const reply = await fetchReply(connection.url, request, ended);
      if (reply.status !== 200 || reply.body === null) throw errorInReply(reply, await reply.text());
      silence.allow(SILENCE_MILLISECONDS);
      onConnection?.("open");
      for await (const { id, event, data } of readFrames(reply.body, () => silence.end())) {
        failures = 0;
        position = id ?? position;
        if (data === "") continue;
        const told = eventIn(event, data, id);
        if (told !== undefined) yield told;
      }
      onConnection?.("lost");
    } catch (error) {
      if (signal?.aborted) return;
      const failure = error instanceof ChatError ? error : noReply(connection.url, error);
      if (failure.status >= 400 && failure.status < 500 && !nothingWasDone(failure)) throw failure;
      onConnection?.("lost", failure);
    } finally {
      silence.close();
    }
    await pause(backoff(failures), signal);
    failures++;
  }
}

/** An event of a kind that this client does not know is left out: the server may be a newer one. */
function eventIn(type: string, data: string, id: string | undefined): ChatEvent | undefined {
  const fields = JSON.parse(data);
  const eventId = Number(id);
  if (type === "message" || type === "edit") {
    // What was in the queue already has an id of two numbers, and is no event.
    return { type, ...(Number.isInteger(eventId) && { eventId }), message: fields as Message };
  }
  if (type === "delete" || type === "leave" || type === "reset") return { type, eventId, ...fields };
  return undefined;
}

/** Aborts when nothing has come for too long. */
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

  /** From here on the other side may be silent for so long. */
  allow(milliseconds: number): void {
    this.#milliseconds = milliseconds;
    this.end();
  }

  /** Something came. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#give(), this.#milliseconds);
  }

  /** Listening is over: what is still open is closed. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #give(): void {
    this.#abort.abort(new DOMException("Nothing came", "TimeoutError"));
  }
}
