/**
 * What the errors of PostgreSQL and of the driver mean: database.ts turns them into errors of the store here.
 */
import postgres from "postgres";
import { codeOf, isCode } from "../../error-code.ts";
import { DatabaseAwayError, DiskFullError, UnknownOutcomeError } from "../../store-errors.ts";
import { TooLate } from "./deadline.ts";

/** Nothing was done, because nobody was there to do it. */
const NOBODY_THERE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "CONNECTION_ENDED",
  // The server is starting, stopping, full, or a standby that takes no changes.
  "57P03",
  "53300",
  "25006",
]);
/** The connection was lost in the middle. */
const LOST = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "25P03",
  "08006",
  "08003",
]);
/** A statement waited too long and was given up, or lost against another one. Nothing was stored. */
const GIVEN_UP = new Set(["57014", "55P03", "40P01", "40001"]);

/** PostgreSQL itself has answered with an error, so its connection is alive. */
export function isAnswer(error: unknown): boolean {
  return error instanceof postgres.PostgresError;
}

/** The connection, and perhaps the whole database, is gone. */
export function saysLost(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  return error instanceof TooLate || NOBODY_THERE.has(code) || LOST.has(code);
}

/** Whether a statement was given up because somebody else had a lock: it waited too long, or each waited for the other. */
export function saysLockedOut(error: unknown): boolean {
  return error instanceof DatabaseAwayError && isCode(error.cause, "55P03", "40P01");
}

/** PostgreSQL's own disk fails. The statement, and its transaction with it, was given up. */
function saysDiskFails(code: string): boolean {
  return code.startsWith("58");
}

/** The error of the store for an error of the driver. @param mayBeDone whether what was lost may count all the same. */
export function translated(error: unknown, mayBeDone: boolean): unknown {
  const code = error instanceof TooLate ? error.message : (codeOf(error) ?? "");
  if (NOBODY_THERE.has(code) || GIVEN_UP.has(code) || saysDiskFails(code)) {
    return new DatabaseAwayError(`The database: ${code}`, { cause: error });
  }
  if (error instanceof TooLate || LOST.has(code)) {
    return mayBeDone
      ? new UnknownOutcomeError(`The database: ${code}`, { cause: error })
      : new DatabaseAwayError(`The database: ${code}`, { cause: error });
  }
  if (code === "53100") return new DiskFullError("The database has no room", { cause: error });
  return error;
}
