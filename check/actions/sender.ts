/**
 * Makes the requests of a case, sends them, and holds the replies against what the case expects. run-case.ts,
 * at-once.ts and under-fire.ts send through it, so that the ledger knows every request.
 */
import type { Expectation, Json, Send } from "../case.ts";
import { NoReply, type Reply, type SentRequest } from "../exchange/exchange.ts";
import { requestFor } from "../exchange/requests.ts";
import { Ledger } from "../ledger/ledger.ts";
import { expectedUnder, inWords, mistakesIn } from "../match/expectation.ts";
import { freshValues, type Values } from "../match/values.ts";
import { type Before, CaseFailed } from "../report/failure.ts";
import type { Surroundings } from "../surroundings.ts";

/** The longest `wait` that a case asks for; a longer one is a mistake on purpose. */
const LONGEST_WAIT_SECONDS = 3;

/** A request that is ready to be sent, and where it comes from. */
export interface Planned {
  action: Send;
  request: SentRequest;
  /** Which one of its repetitions it is. */
  n: number;
}

export class Sender {
  /** What the report names before a failure. */
  readonly before: Before[] = [];
  readonly values: Values;
  readonly ledger = new Ledger();
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.values = freshValues(surroundings.secret, surroundings.url);
  }

  get profile(): Surroundings["profile"] {
    return this.#surroundings.profile;
  }

  request(action: Send): SentRequest {
    const request = requestFor(this.#surroundings.url, action, this.values);
    if (this.#surroundings.explain === true) request.headers.explain = "1";
    return request;
  }

  /** @returns each action as often as `times` says; `{n}` counts from 1. */
  planned(actions: Send[], times: number): Planned[] {
    const planned: Planned[] = [];
    for (let n = 1; n <= times; n++) {
      this.values.n = n;
      planned.push(...actions.map((action) => ({ action, request: this.request(action), n })));
    }
    return planned;
  }

  /** Sends one request of a case and keeps what it asks for. @throws {CaseFailed} when the reply is not as expected. */
  async send(action: Send): Promise<Reply> {
    const request = this.request(action);
    const expected = expectedUnder(this.profile, action.expect ?? {});
    const reply = await this.exchange(request, expected);
    this.hold(request, reply, expected);
    this.before.push({ request });
    this.keep(request, reply, action.keep);
    return reply;
  }

  /** @throws {CaseFailed} when no reply comes. */
  async exchange(request: SentRequest, expected: Expectation): Promise<Reply> {
    const reply = await this.attempt(request);
    if (reply instanceof NoReply) throw this.noReply(request, expected, reply);
    return reply;
  }

  /** Sends it, without a judgement. */
  async attempt(request: SentRequest): Promise<Reply | NoReply> {
    const note = this.ledger.begins(request);
    try {
      const reply = await this.#surroundings.exchange.send(request, this.#patienceFor(request));
      this.ledger.ends(note, reply);
      return reply;
    } catch (error) {
      this.ledger.ends(note);
      if (error instanceof NoReply) return error;
      throw error;
    }
  }

  noReply(request: SentRequest, expected: Expectation, error: NoReply): CaseFailed {
    return new CaseFailed({ mistakes: [error.message], request, expected: inWords(expected, this.values) }, error.why);
  }

  /** @throws {CaseFailed} when the reply is not as expected. */
  hold(request: SentRequest, reply: Reply, expected: Expectation, n?: number): void {
    const values = n === undefined ? this.values : { ...this.values, n };
    const mistakes = mistakesIn(reply, expected, values);
    if (mistakes.length === 0) return;
    const wanted = [expected.status ?? []].flat();
    throw new CaseFailed({ mistakes, request, expected: inWords(expected, values), wanted, reply });
  }

  /** @param suffix makes different names for the replies to a repeated request. */
  keep(request: SentRequest, reply: Reply, fields: Record<string, string> = {}, suffix = ""): void {
    for (const [name, field] of Object.entries(fields)) {
      const value = fieldIn(reply.text, field);
      if (value === undefined) {
        throw new CaseFailed({ mistakes: [`\`${field}\` is missing`], request, expected: `\`${field}\``, reply });
      }
      this.values[name + suffix] = value;
    }
  }

  /** A request with `wait` may take that much longer. */
  #patienceFor({ url }: SentRequest): number {
    const waitSeconds = Number(new URL(url).searchParams.get("wait") ?? 0);
    return this.#surroundings.patienceMilliseconds + Math.min(Math.max(waitSeconds, 0), LONGEST_WAIT_SECONDS) * 1000;
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
