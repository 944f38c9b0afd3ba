/**
 * One who sends message after message to the same reader, now over this server and now over that one. Every second
 * message has an Idempotency-Key and is sent again until it is acknowledged.
 */
import { setTimeout } from "node:timers/promises";
import type { Reply } from "../../testing/request.ts";
import { credentials, isOutcomeUnknown, type Mistakes, mustBeAway, type Person, type Servers } from "./readers.ts";

/** So that thirty rounds do not fill the disk. */
const PAUSE_MILLISECONDS = 60;
/** Retry-After says a second. Who measures how long nothing can be written must try more often. */
const AGAIN_MILLISECONDS = 100;
/** After each of these, the reader's queue must show the message on another server. */
const LOOKS = 4;
const LONGEST_MILLISECONDS = 10_000;

export class Publisher {
  readonly reader: Person;
  /** Ids by text, in the order in which they were sent. */
  readonly acknowledged = new Map<string, number>();
  /** Texts without a key of which no server knows: they are there once or not at all. */
  readonly unknown = new Set<string>();
  /** When something was acknowledged, in milliseconds since 1970. */
  times: number[] = [];
  lastId = 0;
  retried = 0;
  refused = 0;
  readonly #servers: Servers;
  readonly #person: Person;
  readonly #mistakes: Mistakes;
  #count = 0;
  #isPaused = false;
  #running: Promise<void> = Promise.resolve();

  constructor(servers: Servers, person: Person, reader: Person, mistakes: Mistakes) {
    this.#servers = servers;
    this.#person = person;
    this.reader = reader;
    this.#mistakes = mistakes;
  }

  begin(): void {
    this.#running = this.#run();
  }

  /** Returns when nothing is on its way. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#running;
  }

  resume(): void {
    this.#isPaused = false;
    this.begin();
  }

  forgetGaps(): void {
    this.times = [];
  }

  async #run(): Promise<void> {
    while (!this.#isPaused) {
      await this.#publish();
      await setTimeout(PAUSE_MILLISECONDS * 2 * Math.random());
    }
  }

  async #publish(): Promise<void> {
    this.#count++;
    const text = `${this.#person.userHandle} ${this.#count}`;
    const key = this.#count % 2 === 0 ? { "idempotency-key": `key-${this.#count}` } : undefined;
    for (;;) {
      const reply = await this.#send(text, key);
      if (reply?.status === 200) return this.#take(text, reply.json.messageId);
      this.refused++;
      if (reply !== undefined) mustBeAway(reply, this.#mistakes);
      if (key === undefined) {
        // If the server says that it did nothing, the message must not be there.
        if (reply === undefined || isOutcomeUnknown(reply.text)) this.unknown.add(text);
        await setTimeout(AGAIN_MILLISECONDS);
        return;
      }
      this.retried++;
      await setTimeout(AGAIN_MILLISECONDS);
    }
  }

  async #send(text: string, headers: Record<string, string> | undefined): Promise<Reply | undefined> {
    const body = { userHandle: this.reader.userHandle, message: text };
    const user = credentials(this.#person);
    const begun = performance.now();
    try {
      const request = { method: "POST", path: "/api/v1/chat", user, body, ...(headers && { headers }) };
      return await this.#servers.send(request);
    } catch (error) {
      this.#mistakes.push(`a publish got no reply: ${error}`);
      return undefined;
    } finally {
      const took = performance.now() - begun;
      if (took > LONGEST_MILLISECONDS) this.#mistakes.push(`a publish took ${Math.round(took)} ms`);
    }
  }

  async #take(text: string, messageId: number): Promise<void> {
    this.times.push(Date.now());
    this.acknowledged.set(text, messageId);
    if (messageId <= this.lastId) this.#mistakes.push(`message ${messageId} was acknowledged after ${this.lastId}`);
    this.lastId = messageId;
    if (this.#count % LOOKS === 0) await this.#look(messageId);
  }

  /** Who has published at one server and fetches at another one sees it. */
  async #look(messageId: number): Promise<void> {
    const path = `/api/v1/chat?limit=1&after=${messageId - 1}`;
    try {
      const reply = await this.#servers.send({ path, user: credentials(this.reader) });
      if (reply.status !== 200) mustBeAway(reply, this.#mistakes);
      else if (reply.json.messages[0]?.messageId !== messageId) {
        this.#mistakes.push(`message ${messageId} was acknowledged, and a server does not show it: ${reply.text}`);
      }
    } catch (error) {
      this.#mistakes.push(`a fetch got no reply: ${error}`);
    }
  }
}
