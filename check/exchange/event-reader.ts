/**
 * Reads server-sent events from a reply that does not end:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 * open-streams.ts makes one reader for each stream. It must cope with events cut anywhere by the network.
 */
import { MAX_REPLY_BYTES, type OpenReply } from "./exchange.ts";

interface ReadEvent {
  id: string | undefined;
  event: string;
  data: string;
}

export class EventReader {
  readonly #reply: OpenReply;
  readonly #events: ReadEvent[] = [];
  #rest = "";
  #lastId: string | undefined;
  #retry: string | undefined;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(reply: OpenReply) {
    this.#reply = reply;
    reply.read(
      (text) => this.#read(text),
      () => {
        this.#hasEnded = true;
        this.#wake();
      },
    );
  }

  /** Waits for the next event. @returns the event, or why there is none. */
  async next(patienceMilliseconds: number): Promise<ReadEvent | "too late" | "ended"> {
    const isThere = await this.#until(() => this.#events.length > 0 || this.#hasEnded, patienceMilliseconds);
    return this.#events.shift() ?? (isThere ? "ended" : "too late");
  }

  /** Waits for a frame with an id, also one that is no event. @returns the newest id, or undefined if none comes in time. */
  async lastId(patienceMilliseconds: number): Promise<string | undefined> {
    await this.#until(() => this.#lastId !== undefined || this.#hasEnded, patienceMilliseconds);
    return this.#lastId;
  }

  /** What the stream has said about reconnecting: a number of milliseconds, if it is right. */
  get retry(): string | undefined {
    return this.#retry;
  }

  /** @returns whether the stream ends in time. */
  ends(patienceMilliseconds: number): Promise<boolean> {
    return this.#until(() => this.#hasEnded, patienceMilliseconds);
  }

  close(): void {
    this.#reply.close();
  }

  #until(condition: () => boolean, patienceMilliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve(result);
      };
      const timer = setTimeout(() => finish(false), patienceMilliseconds);
      this.#wake = () => {
        if (condition()) finish(true);
      };
      this.#wake();
    });
  }

  #read(text: string): void {
    // There are three kinds of line breaks, and an empty line ends an event. A \r at the end may be the first half of
    // \r\n.
    const whole = this.#rest + text;
    const held = whole.endsWith("\r") ? "\r" : "";
    const events = whole
      .slice(0, whole.length - held.length)
      .replace(/^\ufeff/, "")
      .replace(/\r\n?/g, "\n")
      .split("\n\n");
    this.#rest = (events.pop() ?? "") + held;
    for (const event of events) {
      const lines = event.split("\n");
      const fields = (name: string) =>
        lines
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ""));
      const id = fields("id").at(-1);
      this.#lastId = id ?? this.#lastId;
      this.#retry = fields("retry").at(-1) ?? this.#retry;
      const data = fields("data");
      if (data.length > 0) {
        const kind = fields("event").at(-1) ?? "message";
        this.#events.push({ id, event: kind, data: data.join("\n") });
      }
    }
    // A stream that never ends an event, or floods us with events, would fill the memory.
    if (this.#rest.length > MAX_REPLY_BYTES || this.#events.length > MAX_WAITING_EVENTS) this.#reply.close();
    this.#wake();
  }
}

const MAX_WAITING_EVENTS = 10_000;
