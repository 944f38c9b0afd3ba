/**
 * Remembers what each pupil did last, for the teacher's list: the last request, how it ended, and since when the pupil
 * is stuck. Only in memory, and only in class mode. http/answer.ts notes each request that reached a call.
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
  /** Since when one request after the other is refused: ISO 8601, in UTC. */
  stuckSince?: string;
}

/** So many good requests in a row mean that the pupil is not stuck any more. */
const GOOD_IN_A_ROW = 3;
/** A class has fewer. If a loop registers more, the oldest are forgotten. */
const MAX_PUPILS = 1000;

interface Kept {
  activity: PupilActivity;
  goodInARow: number;
}

export class Activity {
  readonly #pupils = new Map<number, Kept>();

  of(userId: number): PupilActivity | undefined {
    return this.#pupils.get(userId)?.activity;
  }

  note(userId: number, last: LastRequest): void {
    const before = this.#pupils.get(userId);
    const isRefused = last.status >= 400;
    const goodInARow = isRefused ? 0 : (before?.goodInARow ?? GOOD_IN_A_ROW) + 1;
    const isOver = goodInARow >= GOOD_IN_A_ROW;
    const refused = isRefused ? last : isOver ? undefined : before?.activity.refused;
    const stuckSince = refused === undefined ? undefined : (before?.activity.stuckSince ?? last.at);
    this.#pupils.delete(userId);
    this.#pupils.set(userId, {
      activity: { last, ...(refused && { refused }), ...(stuckSince !== undefined && { stuckSince }) },
      goodInARow,
    });
    if (this.#pupils.size <= MAX_PUPILS) return;
    const [oldest = 0] = this.#pupils.keys();
    this.#pupils.delete(oldest);
  }

  forget(userId: number): void {
    this.#pupils.delete(userId);
  }
}
