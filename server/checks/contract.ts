/**
 * What an operation may ask of the checks: to begin one, and how the last one of a pupil goes. http/app.ts makes them,
 * checks.ts does the work.
 */
import type { Peer } from "../steps/call.ts";

/** What to check. The address is the one that the request came from; nobody can name another one. */
export interface CheckOrder {
  userId: number;
  /** An IP address, never a name. */
  address: string;
  port: number;
  /** The cases of the lessons 1 to this one run. */
  lesson: number;
  /** The class secret of the pupil's own server. */
  secret: string;
}

/** The case that failed first, in words that a pupil can read. */
export interface CheckFailure {
  case: string;
  title: string;
  /** The steps of docs/spec.md that it is about. */
  steps: string[];
  mistakes: string[];
  request?: string;
  expected?: string;
  received: string;
  /** What to look at before the hint. */
  lookFirst?: string;
  hint: string;
  /** Nothing listens there, or it cannot be reached from the class server. */
  isUnreachable?: true;
}

/** How one lesson went: the same numbers as in a report of the pupil's own check. */
export interface CheckedLesson {
  lesson: number;
  /** The case that failed first, or did not run. Missing if all passed. */
  case?: string;
  passed: number;
  total: number;
}

/** Why a check ended before its last case: it took too long, too much came, or nobody restarted the server. */
export type WhyStopped = "time" | "bytes" | "restart" | "fault";

export interface CheckState {
  port: number;
  lesson: number;
  isRunning: boolean;
  /** Cases, of all lessons up to this one. */
  done: number;
  total: number;
  /** The check waits for the pupil: the server must be stopped and started again. */
  mustRestart: boolean;
  stopped?: WhyStopped;
  /** How many cases passed. Only at the end. */
  passed?: number;
  /** The cases that only a check on the pupil's own computer can run. Only at the end. */
  leftOut?: string[];
  failure?: CheckFailure;
}

/** What the process that runs a check says at the end. */
export interface CheckResult {
  passed: number;
  leftOut: string[];
  failure?: CheckFailure;
  /** What the class may know about the pupil's progress, in the order in which to keep it. */
  lessons: CheckedLesson[];
}

/** Why a check does not begin now. */
export type NotNow = "own port" | "address" | "already runs" | "too many";

export interface Checks {
  /**
   * Begins a check, unless something is in its way.
   * @param peer where the request came from. @param keep is called at the end with what the class may know.
   */
  begin(
    order: Omit<CheckOrder, "address">,
    peer: Peer,
    keep: (lessons: CheckedLesson[]) => Promise<void>,
  ): CheckState | NotNow;
  /** The check of this pupil that runs, or ran last. */
  find(userId: number): CheckState | undefined;
}
