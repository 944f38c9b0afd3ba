/**
 * Runs one case: registers its users, does its actions in order, and stops at the first that goes wrong. On the way it
 * collects what the report needs to explain a failure. run-check.ts calls it.
 */
import type { Action, AtOnce, Case, Expectation, Hear, Json, Send } from "./case.ts";
import {
  type Exchange,
  NoReply,
  type Reply,
  type Restart,
  type SentRequest,
  type ServerProcess,
} from "./exchange/exchange.ts";
import { OpenStreams } from "./exchange/open-streams.ts";
import { requestFor } from "./exchange/requests.ts";
import { expectedUnder, inWords, mistakesIn, type Profile } from "./match/expectation.ts";
import { chance, freshValues, keepUser, type Values } from "./match/values.ts";
import { CaseFailed, type Failure } from "./report/failure.ts";

export interface Surroundings {
  /** The server's address, without a slash at the end. */
  url: string;
  secret: string;
  profile: Profile;
  /** How long to wait for a reply. */
  patienceMilliseconds: number;
  /** Sends the requests. */
  exchange: Exchange;
  /** Undefined if nobody can restart the server. */
  restart?: Restart | undefined;
  /** What the server's process is doing. Undefined if the check did not start it. */
  processNow?: (() => Promise<ServerProcess>) | undefined;
  /** Sends `Explain: 1`, so that the server says which steps it reached. */
  explain?: true;
}

/** @returns the failure, or undefined if the case passed. */
export async function runCase(each: Case, surroundings: Surroundings): Promise<Failure | undefined> {
  const run = new CaseRun(surroundings);
  try {
    for (const name of each.users ?? []) await run.register(name);
    for (const action of each.do) await run.act(action);
    return undefined;
  } catch (error) {
    if (error instanceof CaseFailed) return { ...error.failure, before: run.before };
    throw error;
  } finally {
    run.close();
  }
}

/** A simple server's queue for new connections is short: five in Python's http.server. */
const CONNECTIONS_AT_ONCE = 5;
/** The longest `wait` that a case asks for; a longer one is a mistake on purpose. */
const LONGEST_WAIT_SECONDS = 3;

class CaseRun {
  readonly before: SentRequest[] = [];
  readonly #surroundings: Surroundings;
  readonly #values: Values;
  readonly #begun = new Map<string, { request: SentRequest; reply: Promise<Reply | NoReply> }>();
  readonly #streams: OpenStreams;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#values = freshValues(surroundings.secret);
    this.#streams = new OpenStreams(surroundings.exchange, surroundings.patienceMilliseconds);
  }

  async register(name: string): Promise<void> {
    const userHandle = `${name}-${chance()}`;
    const body = { secret: "{secret}", userHandle };
    const expect = { status: 200, body: { userId: "<id>", authToken: "<token>" } };
    const reply = await this.#send({ send: "POST /api/v1/register", body, expect });
    const { userId, authToken } = JSON.parse(reply.text) as { userId: number; authToken: string };
    keepUser(this.#values, name, { userId, authToken, userHandle });
  }

  async act(action: Action): Promise<void> {
    if ("send" in action) {
      for (let n = 1; n <= (action.times ?? 1); n++) {
        this.#values.n = n;
        await this.#send(action);
      }
    } else if ("atOnce" in action) await this.#sendAtOnce(action);
    else if ("begin" in action) this.#begin(action.begin, action.request);
    else if ("finish" in action) await this.#finish(action.finish, action.expect);
    else if ("listen" in action) await this.#listen(action.listen, action.request);
    else if ("hear" in action) await this.#hear(action);
    else if ("ends" in action) await this.#streams.mustEnd(action.ends);
    else await this.#restart();
  }

  close(): void {
    this.#streams.close();
  }

  async #send(action: Send): Promise<Reply> {
    const request = this.#request(action);
    const expected = expectedUnder(this.#surroundings.profile, action.expect ?? {});
    const reply = await this.#exchange(request, expected);
    this.#hold(request, reply, expected);
    this.before.push(request);
    for (const [name, field] of Object.entries(action.keep ?? {})) {
      const value = fieldIn(reply.text, field);
      if (value === undefined) {
        throw new CaseFailed({ mistakes: [`\`${field}\` is missing`], request, expected: `\`${field}\``, reply });
      }
      this.#values[name] = value;
    }
    return reply;
  }

  async #exchange(request: SentRequest, expected: Expectation): Promise<Reply> {
    try {
      return await this.#surroundings.exchange.send(request, this.#patienceFor(request));
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw this.#noReply(request, expected, error);
    }
  }

  /** A request with `wait` may take that much longer. */
  #patienceFor({ url }: SentRequest): number {
    const waitSeconds = Number(new URL(url).searchParams.get("wait") ?? 0);
    return this.#surroundings.patienceMilliseconds + Math.min(Math.max(waitSeconds, 0), LONGEST_WAIT_SECONDS) * 1000;
  }

  #noReply(request: SentRequest, expected: Expectation, error: NoReply): CaseFailed {
    return new CaseFailed({ mistakes: [error.message], request, expected: inWords(expected, this.#values) }, error.why);
  }

  /** @throws {CaseFailed} when the reply is not as expected. */
  #hold(request: SentRequest, reply: Reply, expected: Expectation): void {
    const mistakes = mistakesIn(reply, expected, this.#values);
    if (mistakes.length === 0) return;
    const wanted = [expected.status ?? []].flat();
    throw new CaseFailed({ mistakes, request, expected: inWords(expected, this.#values), wanted, reply });
  }

  async #sendAtOnce({ atOnce, times, statuses }: AtOnce): Promise<void> {
    const requests: SentRequest[] = [];
    for (let n = 1; n <= times; n++) {
      this.#values.n = n;
      requests.push(...atOnce.map((action) => this.#request(action)));
    }
    const replies: { request: SentRequest; reply: Reply }[] = [];
    const counts: Record<string, number> = {};
    const expected = `for ${requests.length} requests at once: ${inCounts(statuses)}`;
    const waiting = requests.values();
    let failed: { request: SentRequest; error: NoReply } | undefined;
    const sendTheNext = async () => {
      for (const request of waiting) {
        if (failed !== undefined) return;
        try {
          const reply = await this.#surroundings.exchange.send(request, this.#patienceFor(request));
          replies.push({ request, reply });
          counts[reply.status] = (counts[reply.status] ?? 0) + 1;
        } catch (error) {
          if (!(error instanceof NoReply)) throw error;
          failed ??= { request, error };
        }
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, sendTheNext));
    const received = [`${replies.length} of ${requests.length} replies`, inCounts(counts)].filter(Boolean).join(": ");
    if (failed !== undefined) {
      const { request, error } = failed as { request: SentRequest; error: NoReply };
      throw new CaseFailed({ mistakes: [error.message], request, expected, received }, error.why);
    }
    this.before.push(...requests.slice(0, 1));
    const names = new Set([...Object.keys(statuses), ...Object.keys(counts)]);
    const wrong = [...names].filter((status) => statuses[status] !== "some" && statuses[status] !== counts[status]);
    if (wrong.length === 0) return;
    const mistakes = wrong.map((status) => {
      const are = (count: number) => (count === 1 ? "1 has" : `${count} have`);
      const wanted = statuses[status] ?? "none";
      return `${wanted} of ${requests.length} replies should have status ${status}, but ${are(counts[status] ?? 0)}`;
    });
    // A reply with a status that is never right says the most.
    const odd = replies.find(({ reply }) => statuses[reply.status] === undefined);
    throw new CaseFailed({
      mistakes,
      expected,
      received,
      wanted: Object.keys(statuses).map(Number),
      ...(odd ?? { request: requests[0] as SentRequest }),
    });
  }

  #begin(name: string, action: Send): void {
    const request = this.#request(action);
    const { exchange } = this.#surroundings;
    const reply = exchange.send(request, this.#patienceFor(request)).catch((error: unknown) => {
      if (error instanceof NoReply) return error;
      throw error;
    });
    this.#begun.set(name, { request, reply });
  }

  async #finish(name: string, expect: Expectation): Promise<void> {
    const { request, reply } = this.#begun.get(name) ?? notBegun(name);
    const came = await reply;
    const expected = expectedUnder(this.#surroundings.profile, expect);
    if (came instanceof NoReply) throw this.#noReply(request, expected, came);
    this.#hold(request, came, expected);
  }

  async #listen(name: string, action: Send): Promise<void> {
    const request = this.#request(action);
    try {
      await this.#streams.open(name, request);
    } catch (error) {
      if (error instanceof NoReply) throw this.#noReply(request, {}, error);
      throw error;
    }
    this.before.push(request);
  }

  async #hear(action: Hear): Promise<void> {
    const id = await this.#streams.hear(action, this.#values);
    if (action.keepId !== undefined) this.#values[action.keepId] = id;
  }

  async #restart(): Promise<void> {
    if (this.#surroundings.restart === undefined) throw new Error("There is no command to start the server");
    const problem = await this.#surroundings.restart();
    if (problem === undefined) return;
    const { why: notRestarted, sentence, process } = problem;
    const expected = "a server that answers again after a kill";
    throw new CaseFailed({ mistakes: [sentence], expected, notRestarted, process }, "unreachable");
  }

  #request(action: Send): SentRequest {
    const request = requestFor(this.#surroundings.url, action, this.#values);
    if (this.#surroundings.explain === true) request.headers.explain = "1";
    return request;
  }
}

function fieldIn(text: string, field: string): Json | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as Record<string, Json>)[field] : undefined;
  } catch {
    return undefined;
  }
}

function inCounts(counts: Record<string, number | "some">): string {
  return Object.entries(counts)
    .map(([status, count]) => `${count} with status ${status}`)
    .join(", ");
}

function notBegun(name: string): never {
  throw new Error(`The case has not begun a request called ${name}`);
}
