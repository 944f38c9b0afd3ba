/**
 * Since when a pupil is stuck: one request after the other is refused, or the pupil's own server has failed at the same
 * case for long. The teacher's page and `plainchat class pupils` ask, so both show the same.
 */
import type { Pupil } from "./teacher-types.ts";

const MINUTE_MILLISECONDS = 60_000;
/** Everybody who writes a server is at some case. After this long, somebody may need help. */
const LONG_MILLISECONDS = 10 * MINUTE_MILLISECONDS;
/** By then the lesson is over, and the pupil has gone home. */
const LESSON_MILLISECONDS = 4 * 60 * MINUTE_MILLISECONDS;

/** @param now the server's time, in milliseconds since 1970. @returns ISO 8601; undefined if the pupil is not stuck. */
export function stuckSinceOf({ stuckSince, progress }: Pick<Pupil, "stuckSince" | "progress">, now: number) {
  const times = [stuckSince, progress !== undefined && isLong(progress, now) ? progress.since : undefined];
  // ISO 8601 sorts as text.
  return times.filter((time) => time !== undefined).sort()[0];
}

function isLong({ case: failing, since }: NonNullable<Pupil["progress"]>, now: number): boolean {
  const milliseconds = now - Date.parse(since);
  return failing !== undefined && milliseconds >= LONG_MILLISECONDS && milliseconds < LESSON_MILLISECONDS;
}
