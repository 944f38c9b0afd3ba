/**
 * Remembers what a case has sent, and what the server answered. A change that got a 200 must have happened; one that got
 * no reply may have happened. sender.ts writes it. compare-queue.ts and compare-users.ts read it.
 */
import type { Reply, SentRequest } from "../exchange/exchange.ts";

type Fields = Record<string, unknown>;

/** One request that changes something. */
export interface Note {
  kind: "post" | "edit" | "remove" | "register" | "other";
  request: SentRequest;
  inputs: Fields;
  key: string | undefined;
  /** When it was sent, and when its reply or the end of its connection came: a counter, not a time. */
  begin: number;
  end: number;
  /** The body of its reply, if that was a 200. */
  answer: Fields | undefined;
  /** It was refused, so it changed nothing. */
  isRefused: boolean;
}

const KINDS: Record<string, Note["kind"]> = {
  "POST /api/v1/chat": "post",
  "PATCH /api/v1/chat": "edit",
  "DELETE /api/v1/chat": "remove",
  "POST /api/v1/register": "register",
};

export class Ledger {
  readonly #notes: Note[] = [];
  #clock = 0;

  begins(request: SentRequest): Note {
    const kind = KINDS[`${request.method} ${new URL(request.url).pathname}`] ?? "other";
    const key = request.headers["idempotency-key"];
    const inputs = kind === "other" ? {} : fieldsOf(request.body);
    const note: Note = {
      kind,
      request,
      inputs,
      key,
      begin: ++this.#clock,
      end: Infinity,
      answer: undefined,
      isRefused: false,
    };
    if (kind !== "other") this.#notes.push(note);
    return note;
  }

  /** @param reply undefined if none came. */
  ends(note: Note, reply?: Reply): void {
    note.end = ++this.#clock;
    if (reply?.status === 200) note.answer = fieldsOf(reply.text);
    // An error inside the server is no refusal: half of the change may have happened.
    else if (reply !== undefined && reply.status < 500) note.isRefused = true;
  }

  /** @returns those that have changed something, or may have, in the order in which they were sent. */
  notes(kind: Note["kind"]): Note[] {
    return this.#notes.filter((note) => note.kind === kind && !note.isRefused);
  }
}

function fieldsOf(text = ""): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

/** An id that was given out, and when its request was sent and answered. */
export interface Given {
  id: number;
  begin: number;
  end: number;
}

/** @returns the mistakes in a row of new ids: one is there twice, or a later request got a smaller one. */
export function mistakesInIds(given: Given[], what: "message" | "user"): string[] {
  const seen = new Set<number>();
  for (const { id } of given) {
    if (seen.has(id)) return [`two ${what}s got the same id, ${id}`];
    seen.add(id);
  }
  // What was answered before a request was sent must have a smaller id. Requests at the same time have no order.
  const byEnd = [...given].sort((a, b) => a.end - b.end);
  let greatest = 0;
  let i = 0;
  for (const { id, begin } of [...given].sort((a, b) => a.begin - b.begin)) {
    for (let earlier = byEnd[i]; earlier !== undefined && earlier.end < begin; earlier = byEnd[++i]) {
      greatest = Math.max(greatest, earlier.id);
    }
    if (id < greatest) return [`a ${what} got the id ${id}, but an earlier one had the id ${greatest} already`];
  }
  return [];
}
