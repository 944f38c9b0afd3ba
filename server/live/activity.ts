/**
 * Remembers what each pupil did last, for the teacher's list: the last request, how it ended, and since when the pupil
 * is stuck. One mistake is no sign of that, everybody makes one: a pupil is stuck who makes the second at the same
 * operation, or to whom nothing has gone well for a minute after the first. A request that the teacher held back is no
 * mistake. Only in memory, and only in class mode. http/answer.ts notes each request that reached a call.
 */

/** A request, as far as the teacher's list shows it. */
export interface LastRequest {
  /** ISO 8601, in UTC. */
  at: string;
  /** Such as "chat.post". */
  operation: string;
  status: number;
  /** Where it stopped, if it was refused. */
  step?: string;
  /** Why it was refused. */
  reason?: string;
}

export interface PupilActivity {
  last: LastRequest;
  /** The last one that was refused, until three requests in a row went well. */
  refused?: LastRequest;
  /** When the first of the requests was refused at which the pupil is stuck: ISO 8601, in UTC. */
  stuckSince?: string;
}

/** So many refused requests at one operation mean that the pupil is stuck. */
const BAD_AT_ONE = 2;
/** So does one refused request, if for this long no other one went well. */
const HELPLESS_MILLISECONDS = 60_000;
/** So many good requests in a row mean that the pupil is not stuck any more. */
const GOOD_IN_A_ROW = 3;
/** Where the server refuses because the teacher has muted the pupil or paused the class. */
const HELD_BACK: ReadonlySet<string | undefined> = new Set(["chat.post.3.2", "chat.patch.3.2"]);
/** A class has fewer. If a loop registers more, the oldest are forgotten. */
const MAX_PUPILS = 1000;

interface Kept {
  last: LastRequest;
  /** These three are about the mistakes since three requests in a row went well. */
  refused: LastRequest | undefined;
  firstRefusedAt: string | undefined;
  /** By operation. */
  refusals: ReadonlyMap<string, number>;
  goodInARow: number;
}

/** Of a pupil who has made no mistake. */
const UNKNOWN: Omit<Kept, "last"> = {
  refused: undefined,
  firstRefusedAt: undefined,
  refusals: new Map(),
  goodInARow: GOOD_IN_A_ROW,
};

export class Activity {
  readonly #pupils = new Map<number, Kept>();

  /** @param now in milliseconds. */
  of(userId: number, now: number): PupilActivity | undefined {
    const kept = this.#pupils.get(userId);
    if (kept === undefined) return undefined;
    const { last, refused, firstRefusedAt } = kept;
    return {
      last,
      ...(refused && { refused }),
      ...(firstRefusedAt !== undefined && isStuck(kept, now) && { stuckSince: firstRefusedAt }),
    };
  }

  note(userId: number, last: LastRequest): void {
    const before = this.#pupils.get(userId);
    this.#pupils.delete(userId);
    this.#pupils.set(userId, HELD_BACK.has(last.step) ? { ...(before ?? UNKNOWN), last } : kept(last, before));
    if (this.#pupils.size <= MAX_PUPILS) return;
    const [oldest = 0] = this.#pupils.keys();
    this.#pupils.delete(oldest);
  }

  forget(userId: number): void {
    this.#pupils.delete(userId);
  }
}

function kept(last: LastRequest, before: Kept | undefined): Kept {
  const isRefused = last.status >= 400;
  const goodInARow = isRefused ? 0 : (before?.goodInARow ?? GOOD_IN_A_ROW) + 1;
  const isOver = goodInARow >= GOOD_IN_A_ROW;
  const { operation } = last;
  const refusals = new Map(isOver ? [] : before?.refusals);
  if (isRefused) refusals.set(operation, (refusals.get(operation) ?? 0) + 1);
  return {
    last,
    refused: isRefused ? last : isOver ? undefined : before?.refused,
    firstRefusedAt: isOver ? undefined : (before?.firstRefusedAt ?? (isRefused ? last.at : undefined)),
    refusals,
    goodInARow,
  };
}

function isStuck({ refused, refusals, goodInARow }: Kept, now: number): boolean {
  if (refused === undefined) return false;
  if (Math.max(...refusals.values()) >= BAD_AT_ONE) return true;
  return goodInARow === 0 && now - Date.parse(refused.at) >= HELPLESS_MILLISECONDS;
}
