/**
 * Explain at the edge: which requests are to be explained, and what their replies carry for it. The body stays the same,
 * byte for byte.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Explain, Explanation, RequestToExplain } from "../explain/explain.ts";
import type { Route } from "../routes.ts";

/** Those that ask for it with `Explain: 1`; in class mode, when somebody watches, all of them. */
export function isToExplain({ headers }: FastifyRequest, { feed }: Explain): boolean {
  return headers.explain === "1" || feed?.isWatched === true;
}

export function requestToExplain({ id }: Route, { method, url }: FastifyRequest): RequestToExplain {
  return { operation: id, method, path: url.split("?", 1)[0] ?? "" };
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
  if (request.headers.explain !== "1") return;
  // Before the first step there is nothing to time.
  if (serverTiming !== "") reply.header("server-timing", serverTiming);
  reply.header("link", `</api/v1/explain/${traceId}>; rel="describedby"`);
}
