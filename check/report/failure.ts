/**
 * Describes why a case failed, with everything that a learner needs to see the failure again. run-case.ts makes it,
 * run-check.ts adds what it knows about the server, and the reports print it.
 */
import type { NotRestarted, Reply, SentRequest, ServerProcess, WhyNoReply } from "../exchange/exchange.ts";
import type { KnownBefore } from "../exchange/witness.ts";

export interface Failure {
  /** One sentence for each thing that is wrong. */
  mistakes: string[];
  request?: SentRequest;
  /** The place of the request among those of its case, from 0. */
  place?: number;
  expected?: string;
  /** The statuses that would have been right. */
  wanted?: number[];
  /** What came, in words, where it is not just one reply. */
  received?: string;
  /** Undefined if no reply came. */
  reply?: Reply;
  /** Why no reply came. */
  noReply?: WhyNoReply | undefined;
  /** Why the server did not come back after a kill. */
  notRestarted?: NotRestarted["why"];
  /** Why the check could not carry out the case: a sentence. */
  notAsked?: string;
  /** At the end of which file the check had left half a line, when the server did not come back. */
  torn?: string;
  /** What the server's process did, if the check started it. */
  process?: ServerProcess;
  /** What the requests before it have shown about the server. */
  known?: KnownBefore;
  /** What the case did before this request. */
  before: Before[];
}

/** A request, or many like it at once, or a kill and a new start, with half a line in a file or without. */
export type Before = { request: SentRequest; atOnce?: number } | { torn: string } | "restart";

/** Ends a case. */
export class CaseFailed extends Error {
  readonly failure: Omit<Failure, "before">;

  constructor(failure: Omit<Failure, "before" | "noReply">, noReply?: WhyNoReply) {
    super(failure.mistakes.join("; "));
    this.failure = { ...failure, noReply };
  }
}
