/**
 * The readers: one listens to a stream with our own client, which comes back by itself, and one waits for each message
 * with a fetch, now at this server and now at that one. Both must get every message once and in order.
 */
import { setTimeout } from "node:timers/promises";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { within } from "../../server/store/postgres/connection/deadline.ts";
import { type Reply, type Request, send } from "../../testing/request.ts";

/** Sentences about what must not happen. */
export type Mistakes = string[];

export interface Person {
  userId: number;
  authToken: string;
  userHandle: string;
}

/** The servers that requests go to. */
export class Servers {
  origins: string[] = [];
  readonly #inFlight = new Map<string, number>();

  /** Sends a request to any of them. @throws if no reply comes. */
  async send(request: Request): Promise<Reply> {
    const origin = this.origins[Math.floor(Math.random() * this.origins.length)] ?? "";
    this.#count(origin, 1);
    try {
      return await within(REPLY_MILLISECONDS, send(origin, request));
    } finally {
      this.#count(origin, -1);
    }
  }

  /** Uses these from now on. Returns when every request to another one has its reply. */
  async use(origins: string[]): Promise<void> {
    this.origins = origins;
    const isBusy = () => [...this.#inFlight].some(([origin, count]) => count > 0 && !origins.includes(origin));
    while (isBusy()) await setTimeout(20);
  }

  #count(origin: string, change: number): void {
    this.#inFlight.set(origin, (this.#inFlight.get(origin) ?? 0) + change);
  }
}

const LONGEST_MILLISECONDS = 30_000;
/** No request may take this long, whatever happens to the database. */
const REPLY_MILLISECONDS = 15_000;

export async function register(origin: string, secret: string, userHandle: string): Promise<Person> {
  const { status, text, json } = await send(origin, {
    method: "POST",
    path: "/api/v1/register",
    body: { secret, userHandle },
  });
  if (status !== 200) throw new Error(text);
  return { userId: json.userId, authToken: json.authToken, userHandle };
}

export function credentials({ userId, authToken }: Person): string {
  return `${userId}:${authToken}`;
}

/**
 * Anything but 503, and a server that does not answer, is a mistake. The reply must say when to try again, unless it says
 * that nobody knows whether the request was carried out.
 */
export function mustBeAway(
  { status, headers, text }: { status: number; headers: Record<string, unknown>; text: string },
  mistakes: Mistakes,
): void {
  if (status !== 503 || (headers["retry-after"] === undefined) !== isOutcomeUnknown(text))
    mistakes.push(`a reply with ${status}: ${text}`);
}

/** @param text of a reply. */
export function isOutcomeUnknown(text: string): boolean {
  return text.includes('"/problems/outcome-unknown"');
}

abstract class Receiver {
  readonly ids: number[] = [];
  readonly mistakes: Mistakes;

  constructor(mistakes: Mistakes) {
    this.mistakes = mistakes;
  }

  take(id: number, how: string): void {
    const last = this.ids.at(-1) ?? 0;
    if (id <= last) this.mistakes.push(`a ${how} brought message ${id} after ${last}`);
    this.ids.push(id);
  }

  /** Waits until everything has arrived. */
  async mustHave(ids: number[], how: string): Promise<void> {
    const deadline = Date.now() + LONGEST_MILLISECONDS;
    while ((this.ids.at(-1) ?? 0) < (ids.at(-1) ?? 0) && Date.now() < deadline) await setTimeout(20);
    const missing = new Set(ids).difference(new Set(this.ids)).size;
    const unknown = new Set(this.ids).difference(new Set(ids)).size;
    if (missing + unknown > 0) this.mistakes.push(`a ${how} lacks ${missing} messages and has ${unknown} others`);
  }
}

export class Reader extends Receiver {
  readonly #client: PlainchatClient;

  constructor(origin: string, { userId, authToken }: Person, mistakes: Mistakes) {
    super(mistakes);
    this.#client = new PlainchatClient(origin, { credentials: { myId: userId, myAuth: authToken } });
  }

  begin(): void {
    void this.#listen().catch((error) => this.mistakes.push(`a stream ended: ${error}`));
  }

  async #listen(): Promise<void> {
    for await (const event of this.#client.listen({ after: 0 })) {
      if (event.type === "message") this.take(event.message.messageId, "stream");
      else this.mistakes.push(`a stream brought ${event.type}`);
    }
  }
}

export class Waiter extends Receiver {
  readonly #servers: Servers;
  readonly #person: Person;

  constructor(servers: Servers, person: Person, mistakes: Mistakes) {
    super(mistakes);
    this.#servers = servers;
    this.#person = person;
  }

  begin(): void {
    void this.#fetch();
  }

  async #fetch(): Promise<void> {
    for (;;) {
      const path = `/api/v1/chat?limit=200&wait=2&after=${this.ids.at(-1) ?? 0}`;
      try {
        const reply = await this.#servers.send({ path, user: credentials(this.#person) });
        if (reply.status === 200) {
          for (const { messageId } of reply.json.messages) this.take(messageId, "waiting fetch");
        } else {
          mustBeAway(reply, this.mistakes);
          await setTimeout(200);
        }
      } catch (error) {
        this.mistakes.push(`a fetch got no reply: ${error}`);
        await setTimeout(200);
      }
    }
  }
}
