/**
 * Describes why a case failed, with everything that a learner needs to see the failure again. run-case.ts makes it, and
 * the reports print it.
 */
import type { Reply, SentRequest, WhyNoReply } from "../exchange/exchange.ts";

export interface Failure {
  /** One sentence for each thing that is wrong. */
  mistakes: string[];
  request?: SentRequest;
  expected?: string;
  /** The statuses that would have been right. */
  wanted?: number[];
  /** Undefined if no reply came. */
  reply?: Reply;
  /** Why no reply came. */
  noReply?: WhyNoReply | undefined;
  /** The requests before this one. */
  before: SentRequest[];
}

/** Ends a case. */
export class CaseFailed extends Error {
  readonly failure: Omit<Failure, "before">;

  constructor(failure: Omit<Failure, "before" | "noReply">, noReply?: WhyNoReply) {
    super(failure.mistakes.join("; "));
    this.failure = { ...failure, noReply };
  }
}
