/**
 * The streams that a case has opened, and the comparison of their events with what the case expects. run-case.ts owns
 * them, and must close them at the end of the case.
 */
import type { Hear, Json } from "../case.ts";
import { inWords, mistakesIn } from "../match/expectation.ts";
import { fill } from "../match/fill.ts";
import { mistakeInJson } from "../match/json-mistake.ts";
import { differences } from "../match/match.ts";
import { show } from "../match/show.ts";
import type { Values } from "../match/values.ts";
import { CaseFailed } from "../report/failure.ts";
import { EventReader } from "./event-reader.ts";
import { type Exchange, type OpenReply, type Reply, type SentRequest, secondsOf } from "./exchange.ts";

const BEGINNING = { status: 200, headers: { "content-type": "text/event-stream" } };

/** A refusal comes in one piece. A reply that should have been a stream may not end. */
const BODY_MILLISECONDS = 500;
const MAX_BODY_CHARACTERS = 64 * 1024;

export class OpenStreams {
  readonly #streams = new Map<string, { request: SentRequest; reader: EventReader }>();
  readonly #exchange: Exchange;
  readonly #patienceMilliseconds: number;

  constructor(exchange: Exchange, patienceMilliseconds: number) {
    this.#exchange = exchange;
    this.#patienceMilliseconds = patienceMilliseconds;
  }

  /** @throws {NoReply} when no reply begins. @throws {CaseFailed} when the reply is not a stream. */
  async open(name: string, request: SentRequest): Promise<void> {
    const reply = await this.#exchange.open(request, this.#patienceMilliseconds);
    const { status, headers } = reply;
    const came = { ...headOnly, status, headers: { "content-type": headers["content-type"] ?? "" } };
    const mistakes = mistakesIn(came, BEGINNING, {});
    if (mistakes.length > 0) {
      const text = await bodyOf(reply);
      throw new CaseFailed({ mistakes, request, expected: inWords(BEGINNING, {}), reply: { ...came, text } });
    }
    this.#streams.set(name, { request, reader: new EventReader(reply) });
  }

  /** Waits for the next events. @returns the id of the last one. @throws {CaseFailed} when others come, or none. */
  async hear({ hear, events, keepId, idsGoUp, retry }: Hear, values: Values): Promise<string> {
    const { request, reader } = this.#find(hear);
    if (events.length === 0) return this.#hearId(request, reader);
    let id = "";
    for (const wanted of repeated(events, values)) {
      const data = fill(wanted.data, values);
      const expected = `event ${wanted.event} with ${JSON.stringify(data)}`;
      const came = await reader.next(this.#patienceMilliseconds);
      if (came === "too late" || came === "ended") {
        const time = secondsOf(this.#patienceMilliseconds);
        const why = came === "ended" ? "the stream has ended" : `no event came within ${time}`;
        const received = came === "ended" ? "the end of the stream" : "no event";
        throw new CaseFailed({ mistakes: [why], request, expected, received });
      }
      const mistakes = mistakesInEvent(came, wanted.event, data);
      if (mistakes.length > 0) {
        const reply = { ...headOnly, text: `event: ${came.event}\ndata: ${came.data}` };
        throw new CaseFailed({ mistakes, request, expected, reply });
      }
      const wrongId = idsGoUp === true ? mistakeInId(came.id, id) : [];
      if (wrongId.length > 0)
        throw new CaseFailed({
          mistakes: wrongId,
          request,
          expected: `${expected} and an \`id\``,
          received: `the \`id\` ${show(came.id ?? null)}`,
        });
      id = came.id ?? "";
    }
    if (retry !== undefined && reader.retry !== String(retry)) {
      const mistake =
        reader.retry === undefined
          ? "the stream has no `retry`"
          : `\`retry\` should be ${retry}, but it is ${show(reader.retry)}`;
      throw new CaseFailed({
        mistakes: [mistake],
        request,
        expected: `the line retry: ${retry}`,
        received: reader.retry === undefined ? "no such line" : `retry: ${reader.retry}`,
      });
    }
    if (id === "" && keepId !== undefined) {
      throw new CaseFailed({
        mistakes: ["the event has no `id`"],
        request,
        expected: "an event with an `id`",
        received: "an event without one",
      });
    }
    return id;
  }

  async #hearId(request: SentRequest, reader: EventReader): Promise<string> {
    const id = await reader.lastId(this.#patienceMilliseconds);
    if (id !== undefined) return id;
    const mistakes = [`no frame with an \`id\` came within ${secondsOf(this.#patienceMilliseconds)}`];
    throw new CaseFailed({ mistakes, request, expected: "a frame with an `id`", received: "no such frame" });
  }

  /** @throws {CaseFailed} when the stream does not end in time. */
  async mustEnd(name: string): Promise<void> {
    const { request, reader } = this.#find(name);
    if (await reader.ends(this.#patienceMilliseconds)) return;
    const mistakes = ["the stream should have ended, but it is still open"];
    throw new CaseFailed({ mistakes, request, expected: "the end of the stream", received: "no end" });
  }

  requestOf(name: string): SentRequest {
    return this.#find(name).request;
  }

  close(): void {
    for (const { reader } of this.#streams.values()) reader.close();
  }

  #find(name: string): { request: SentRequest; reader: EventReader } {
    const found = this.#streams.get(name);
    if (found === undefined) throw new Error(`The case has not opened a stream called ${name}`);
    return found;
  }
}

/** What a server says in the place of a stream, or the beginning of it if it does not end. */
function bodyOf(reply: OpenReply): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const finish = () => {
      clearTimeout(timer);
      reply.close();
      resolve(text);
    };
    const timer = setTimeout(finish, BODY_MILLISECONDS);
    reply.read((piece) => {
      text += piece;
      if (text.length > MAX_BODY_CHARACTERS) finish();
    }, finish);
  });
}

/** Each event as often as it should come. `{n}` counts from 1 then. */
function* repeated(events: Hear["events"], values: Values): Generator<Hear["events"][number]> {
  for (const event of events) {
    for (let n = 1; n <= (event.times ?? 1); n++) {
      if (event.times !== undefined) values.n = n;
      yield event;
    }
  }
}

const headOnly: Reply = { status: 200, headers: {}, text: "", milliseconds: 0 };

/** A message from the queue has two numbers in its id: at the first one, the queue has come up to the second. */
const ID = /^(\d+)(?:-(\d+))?$/;

/** @param before the id of the event before, or "" if there was none. */
function mistakeInId(id: string | undefined, before: string): string[] {
  if (id === undefined) return ["the event has no `id`"];
  const [, event, message = Infinity] = ID.exec(id) ?? [];
  if (event === undefined) return [`the \`id\` of the event should be a number, but it is ${show(id)}`];
  const [, eventBefore = -1, messageBefore = Infinity] = ID.exec(before) ?? [];
  const hasGoneUp =
    Number(event) === Number(eventBefore)
      ? Number(message) > Number(messageBefore)
      : Number(event) > Number(eventBefore);
  return hasGoneUp ? [] : [`the ids should go up, but after the \`id\` ${before} comes ${id}`];
}

function mistakesInEvent({ event, data }: { event: string; data: string }, name: string, expected: Json): string[] {
  if (event !== name) return [`the event should be ${name}, but it is ${event}`];
  try {
    return differences(expected, JSON.parse(data) as Json);
  } catch {
    return [`the data of the event should be JSON, but ${mistakeInJson(data)}`];
  }
}
