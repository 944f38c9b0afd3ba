/**
 * How many of the last events a stream can resume from, and how far event numbers jump when some events are lost. The
 * jump is longer than what is remembered for streams, so a stream that resumes from before it is told to begin again.
 */

/** A class of thirty does not make this many events in a year. */
export const RECENT_EVENTS = 65_536;

/** The first event number that is safe to give out. @param lost how many events may be lost after `lastSeq`. */
export function seqAfterGap(lastSeq: number, lost: number): number {
  return lastSeq + lost + RECENT_EVENTS;
}
