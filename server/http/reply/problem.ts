/**
 * Turns whatever was thrown into the reply that the client gets: the one place where an error becomes a status.
 * What is foreseen becomes a problem reply with a sentence; what is not becomes a bare 500, and the whole story goes
 * to the log. No reply shows a path, a stack or a value that the client sent.
 */
import { Refusal } from "../../steps/refusal.ts";
import { DiskFullError, OverloadedError } from "../../store/store-errors.ts";
import { problemType } from "./problem-types.ts";

export interface Problem {
  status: number;
  headers: Record<string, string>;
  /** What is wrong, in a sentence, whether the body says it or not. */
  detail: string;
  /** JSON, or empty. */
  body: string;
  /** True when the error was not foreseen. */
  isFault: boolean;
}

/** A client that meets an overload should come back soon, but not at once. */
const OVERLOAD_RETRY_SECONDS = 1;

/** @param step the step of the operation that was being done, where there was one. */
export function problemFor(error: unknown, step?: string): Problem {
  const refusal = refusalFor(error);
  const headers: Record<string, string> = { "content-type": "application/problem+json; charset=utf-8" };
  // Not "Basic": a browser would put up a window of its own and ask for a password (ruling R18).
  if (refusal.status === 401) headers["www-authenticate"] = "Plainchat";
  if (refusal.retryAfterSeconds !== undefined) headers["retry-after"] = String(refusal.retryAfterSeconds);
  const isFault = refusal.status >= 500 && !(error instanceof DiskFullError || error instanceof OverloadedError);
  const { status, message: detail } = refusal;
  if (refusal.emptyBody) return { status, headers: {}, detail, body: "", isFault };
  const { slug, title } = problemType(status);
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
    return new Refusal(503, "The server has too much to do. Nothing was stored. Try again in a moment.", undefined, {
      retryAfterSeconds: OVERLOAD_RETRY_SECONDS,
    });
  }
  return refusalForEdge(error) ?? new Refusal(500, "Something went wrong in the server. It is in its log.");
}

const SENTENCES: Record<string, string> = {
  // RFC 10008 wants it so; for every other method the server does not look at the type.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE:
    "A QUERY must say what its body is: send the header `Content-Type: application/json`.",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "The header `Content-Type` cannot be read. Send `application/json`, or leave it out.",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "The body is not as long as the header `Content-Length` says.",
};

/** Errors that Fastify itself throws before an operation begins. */
function refusalForEdge(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  const sentence = "code" in error ? SENTENCES[String(error.code)] : undefined;
  if (sentence !== undefined) return new Refusal(400, sentence);
  if (error.statusCode === 413) return new Refusal(413, "The request body is longer than 64 KiB.");
  if (error.statusCode === 503) {
    return new Refusal(503, "The server is stopping.", undefined, { retryAfterSeconds: OVERLOAD_RETRY_SECONDS });
  }
  if (error.statusCode >= 400 && error.statusCode < 500) return new Refusal(400, "The request cannot be read.");
  return undefined;
}
