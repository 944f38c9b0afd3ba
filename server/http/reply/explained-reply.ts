/**
 * Explain at the edge: which requests are to be explained, and what their replies carry for it. The body stays the same,
 * byte for byte.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Explain, Explanation, RequestToExplain } from "../../explain/explain.ts";
import type { Route } from "../../operations/routes.ts";

/** Longer than every word that means something; what is longer costs nothing. */
const MAX_EXPLAIN_CHARACTERS = 64;

/** Those that ask for it with `Explain: 1`; in class mode, when somebody watches, all of them. */
export function isToExplain(request: FastifyRequest, { feed }: Explain): boolean {
  return says(request, "1") || feed?.isWatched === true;
}

export function requestToExplain({ id }: Route, request: FastifyRequest): RequestToExplain {
  const { method, url } = request;
  // A program that asks again and again by itself says so, and need not be shown among what people do.
  return { operation: id, method, path: url.split("?", 1)[0] ?? "", isBackground: says(request, "background") };
}

/** Whether a word stands in the header `Explain`, alone or beside another: `Explain: 1, background`. */
function says({ headers: { explain } }: FastifyRequest, word: string): boolean {
  if (typeof explain !== "string" || explain.length > MAX_EXPLAIN_CHARACTERS) return false;
  return explain === word || explain.split(",").some((each) => each.trim() === word);
}

/** Keeps the trace, and lets the reply say where it is, if the client has asked. */
export function endExplanation(
  explanation: Explanation,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  reason?: string,
): void {
  const { serverTiming, traceId } = explanation.end(status, reason);
  if (!says(request, "1")) return;
  // Before the first step there is nothing to time.
  if (serverTiming !== "") reply.header("server-timing", serverTiming);
  reply.header("link", `</api/v1/explain/${traceId}>; rel="describedby"`);
}
