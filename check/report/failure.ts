/**
 * Why a case has failed, with everything that somebody needs to see it themselves.
 */
import type { Reply, SentRequest, WhyNoReply } from "../exchange/exchange.ts";

/** Why a case has failed. */
export interface Failure {
  /** What is wrong, a sentence each. */
  mistakes: string[];
  request?: SentRequest;
  expected?: string;
  /** The statuses of which one should have come. */
  wanted?: number[];
  /** What came. Undefined where no reply came. */
  reply?: Reply;
  /** Why none came. */
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
