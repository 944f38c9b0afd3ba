/**
 * Turns whatever was thrown into the reply that the client gets. Nowhere else does an error become a status. An
 * expected error becomes a problem reply with a sentence. An unexpected one becomes a bare 500, and the log gets the
 * details. A reply must never show a path, a stack or a value that the client sent.
 */
import { Refusal } from "../../steps/refusal.ts";
import { codeOf } from "../../store/error-code.ts";
import {
  DatabaseAwayError,
  DiskFullError,
  FolderError,
  OtherClassError,
  OverloadedError,
  UnknownOutcomeError,
} from "../../store/store-errors.ts";
import { OUTCOME_UNKNOWN, problemType } from "./problem-types.ts";

export interface Problem {
  status: number;
  headers: Record<string, string>;
  /** What is wrong, in a sentence, even if the body is empty. */
  detail: string;
  /** JSON, or empty. */
  body: string;
  /** True if the error was not expected. */
  isFault: boolean;
}

/** An overloaded server wants its clients back soon, but not at once. */
const OVERLOAD_RETRY_SECONDS = 1;

/** @param step the step of the operation that threw the error, if there was one. */
export function problemFor(error: unknown, step?: string): Problem {
  const refusal = refusalFor(error);
  const headers: Record<string, string> = { "content-type": "application/problem+json; charset=utf-8" };
  // Not "Basic": a browser would open its own window and ask for a password (ruling R18).
  if (refusal.status === 401) headers["www-authenticate"] = "Plainchat";
  // RFC 9110, 15.5.16: this is what the server would have accepted.
  if (refusal.status === 415) headers["accept-encoding"] = "identity";
  if (refusal.retryAfterSeconds !== undefined) headers["retry-after"] = String(refusal.retryAfterSeconds);
  const { status, message: detail } = refusal;
  // A full disk and too much to do are expected. 500 is the status of everything that is not.
  const isFault = status === 500;
  if (refusal.emptyBody) return { status, headers: {}, detail, body: "", isFault };
  const { slug, title } = problemType(status, error instanceof UnknownOutcomeError ? OUTCOME_UNKNOWN : undefined);
  const problem = {
    type: `/problems/${slug}`,
    title,
    status,
    detail,
    ...(step && { step }),
    ...(refusal.field !== undefined && { field: refusal.field }),
  };
  return { status, headers, detail, body: `${JSON.stringify(problem)}\n`, isFault };
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DiskFullError) {
    return new Refusal(507, "The server's disk is full. Nothing was stored. Deleting messages makes room.");
  }
  if (error instanceof OverloadedError) {
    return new Refusal(503, "The server is too busy. Nothing was stored. Try again in a moment.", undefined, {
      retryAfterSeconds: OVERLOAD_RETRY_SECONDS,
    });
  }
  if (error instanceof FolderError) {
    return new Refusal(
      503,
      "Somebody has changed the server's files, and it cannot put them right. Nothing was stored. Tell the person who runs the server.",
      undefined,
      { retryAfterSeconds: OVERLOAD_RETRY_SECONDS },
    );
  }
  if (error instanceof DatabaseAwayError) {
    const sentence = "The server cannot reach its database. Nothing was stored. Try again in a moment.";
    return new Refusal(503, sentence, undefined, { retryAfterSeconds: OVERLOAD_RETRY_SECONDS });
  }
  if (error instanceof UnknownOutcomeError) {
    // No Retry-After: it would tell programs that know nothing else to send the same request again.
    return new Refusal(
      503,
      "Nobody knows whether your request was carried out: the server lost its database while it waited for the answer. Look first. A message with an `Idempotency-Key` can be sent again with the same key.",
    );
  }
  if (error instanceof OtherClassError) {
    const sentence = "At this moment another class has begun. Nothing was stored. Try again in a moment.";
    return new Refusal(503, sentence, undefined, { retryAfterSeconds: OVERLOAD_RETRY_SECONDS });
  }
  return refusalForFastify(error) ?? new Refusal(500, "Something went wrong in the server. Its log has the details.");
}

const SENTENCES: Record<string, string> = {
  // RFC 10008 requires this for QUERY. For every other method the server ignores the type.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE:
    "A QUERY must name the type of its body. Send the header `Content-Type: application/json`.",
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    "The server cannot read your `Content-Type` header. Send `application/json`, or leave it out.",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "The length of the body is not the one in the `Content-Length` header.",
};

/** For errors that Fastify itself throws before an operation begins. */
function refusalForFastify(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  const sentence = SENTENCES[codeOf(error) ?? ""];
  if (sentence !== undefined) return new Refusal(400, sentence);
  if (error.statusCode === 413) return new Refusal(413, "The request body is longer than 64 KiB.");
  if (error.statusCode === 503) {
    return new Refusal(503, "The server is stopping.", undefined, { retryAfterSeconds: OVERLOAD_RETRY_SECONDS });
  }
  if (error.statusCode >= 400 && error.statusCode < 500)
    return new Refusal(400, "The server cannot read this request.");
  return undefined;
}
