/**
 * Why a case has failed, with everything that somebody needs to see it themselves.
 */
import type { Reply, SentRequest } from "./exchange.ts";

/** Why a case has failed. */
export interface Failure {
  /** What is wrong, a sentence each. */
  mistakes: string[];
  request?: SentRequest;
  expected?: string;
  /** What came. Undefined where no reply came. */
  reply?: Reply;
  /** The requests before this one. */
  before: SentRequest[];
  /** Whether no server is there any more. */
  isUnreachable: boolean;
}

/** Ends a case. */
export class CaseFailed extends Error {
  readonly failure: Omit<Failure, "before">;

  constructor(failure: Omit<Failure, "before" | "isUnreachable">, isUnreachable = false) {
    super(failure.mistakes.join("; "));
    this.failure = { ...failure, isUnreachable };
  }
}
