/**
 * How long a request stays on the wall. With nothing waiting, its dot takes its time. The more wait, the shorter each is
 * shown, so that the wall keeps up with a class that sends twenty requests a second. A failure stays longer than a
 * success: there is more to learn from it.
 */

/** What waits should all have been shown after this time. */
const CATCH_UP_MILLISECONDS = 3000;
/** A failure gets this many times as long as a success. */
const FAILURE_WEIGHT = 4;
/** Twenty in a second must be possible, even if all of them fail. */
const SHORTEST = { success: 20, failure: 45 };
/** How long it stays at its last step before the next one is shown. */
const REST = { success: 700, failure: 3000 };
/** Below this, nobody can follow a dot: it is at its end at once. */
const SHORTEST_WAY_MILLISECONDS = 500;

export interface Pace {
  /** How long the dot takes from the first step to the last. 0: it is there at once. */
  wayMilliseconds: number;
  /** How long the request is shown, with that. */
  milliseconds: number;
}

interface Showing {
  isFailure: boolean;
  /** How long the dot takes if there is time. */
  fullWayMilliseconds: number;
  /** What waits behind it. */
  waiting: { successes: number; failures: number };
}

export function paceOf({ isFailure, fullWayMilliseconds, waiting }: Showing): Pace {
  const kind = isFailure ? "failure" : "success";
  const full = fullWayMilliseconds + REST[kind];
  const weight = isFailure ? FAILURE_WEIGHT : 1;
  const ofAll = weight + waiting.successes + waiting.failures * FAILURE_WEIGHT;
  const isAlone = waiting.successes + waiting.failures === 0;
  const share = isAlone ? full : (CATCH_UP_MILLISECONDS * weight) / ofAll;
  const milliseconds = Math.max(SHORTEST[kind], Math.min(full, share));
  const way = (milliseconds / full) * fullWayMilliseconds;
  return { milliseconds, wayMilliseconds: way < Math.min(SHORTEST_WAY_MILLISECONDS, fullWayMilliseconds) ? 0 : way };
}
