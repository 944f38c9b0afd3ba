/**
 * How many of the last events a stream can resume from, and how far event numbers jump when some events are lost. The
 * jump is longer than what is remembered for streams, so a stream that resumes from before it is told to begin again.
 */

/** A class of thirty does not make this many events in a year. */
export const RECENT_EVENTS = 65_536;

/** No clock that is right comes here before the year 2112. Greater numbers would leave no room below 2^53. */
const MOST_FROM_A_CLOCK = 2 ** 52;

/** The first event number that is safe to give out. @param lost how many events may be lost after `lastSeq`. */
export function seqAfterGap(lastSeq: number, lost: number): number {
  return lastSeq + lost + RECENT_EVENTS;
}

/**
 * The event number after a restore. The folder or database into which a backup is restored may know nothing of the
 * events after the backup: their only copy was on the disk that broke. But a client may have seen them. So the number is
 * at least the time in microseconds: no server writes a million events a second, so all numbers that were given out
 * before, also after earlier restores, are smaller, and by more than a stream can resume from.
 * @param known the greatest number that is known. If the clock is wrong, at least this many and a gap.
 * @param lost how many events may be lost after `known` in lines that cannot be read.
 * @param now in milliseconds since 1970.
 */
export function seqAfterRestore(known: number, lost: number, now: number): number {
  const byClock = Math.min(now * 1000, MOST_FROM_A_CLOCK);
  return Math.max(seqAfterGap(known, lost + RECENT_EVENTS), byClock + RECENT_EVENTS) + 1;
}
