/**
 * What an error of PostgreSQL or of its driver means for whoever asked: was anything stored, and is the connection still
 * good? database.ts and connections.ts ask this. An error that is not listed here is a bug, and becomes a 500.
 */
import { codeOf } from "../error-code.ts";
import { DatabaseAwayError, DiskFullError, UnknownOutcomeError } from "../store-errors.ts";

/** The code of an error of our own: no answer came in time. */
export const NO_ANSWER = "NO_ANSWER";

/** Nothing was done, because nobody was there to do it. */
const NOBODY_THERE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "CONNECT_TIMEOUT",
  "CONNECTION_ENDED",
  // The server is starting, stopping, full, or a standby that takes no changes.
  "57P03",
  "53300",
  "25006",
]);

/** The connection was lost in the middle. */
const LOST = new Set([
  NO_ANSWER,
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "25P03",
  "08006",
  "08003",
]);

/** A statement waited too long and was given up, or lost against another one. Nothing was stored. */
const GIVEN_UP = new Set(["57014", "55P03", "40P01", "40001"]);

/** PostgreSQL has no memory or files left, or its disk fails. It has given up the transaction. */
const IN_TROUBLE = /^5[38]/;

/** Whether the connection is gone, so that nothing more may be sent on it. */
export function isLost(error: unknown): boolean {
  return error instanceof UnknownOutcomeError || LOST.has(codeOf(error) ?? "");
}

/** The error of the store for an error of the driver. @param isChange whether the lost statement may have changed something. */
export function translated(error: unknown, isChange: boolean): unknown {
  const code = codeOf(error) ?? "";
  if (code === "53100") return new DiskFullError("The database has no room", { cause: error });
  if (NOBODY_THERE.has(code) || GIVEN_UP.has(code) || IN_TROUBLE.test(code)) {
    return new DatabaseAwayError(`The database: ${code}`, { cause: error });
  }
  if (!LOST.has(code)) return error;
  return isChange
    ? new UnknownOutcomeError(`The database: ${code}`, { cause: error })
    : new DatabaseAwayError(`The database: ${code}`, { cause: error });
}
