/**
 * How many of the last events streams can resume from, and how far event numbers jump when some events are lost. The
 * jump is longer than any stream's memory: a stream that asks for an event from before it is told to begin again.
 */

/** A class of thirty does not make this many events in a year. */
export const RECENT_EVENTS = 65_536;

/** The first number of an event that is safe to give out. @param lost how many events may be lost after `lastSeq`. */
export function seqAfterGap(lastSeq: number, lost: number): number {
  return lastSeq + lost + RECENT_EVENTS;
}
