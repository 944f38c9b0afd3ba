/**
 * The HTTP side of explain: decides which requests to explain, and adds two headers to their replies. It must not
 * change the body by a single byte. answer.ts calls it.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Explain, Explanation, RequestToExplain } from "../../explain/explain.ts";
import type { Inputs } from "../../steps/call.ts";

/** Longer than every value that means something. A longer one is ignored, so it costs no time. */
const MAX_EXPLAIN_CHARACTERS = 64;

/** Browsers ask for these by themselves, whether they are there or not. */
const ASKED_BY_BROWSERS = /^\/(?:\.well-known\/|apple-touch-icon|favicon|robots\.txt)|\.map$/;

/** A request that asks for it with `Explain: 1`. In class mode, while somebody watches, every request. */
export function isToExplain(request: FastifyRequest, { feed }: Explain): boolean {
  return says(request, "1") || feed?.isWatched === true;
}

/** A program that sends requests by itself says "background", so that they can be told from those of people. */
export function isByItself(request: FastifyRequest): boolean {
  return says(request, "background");
}

/** @param operation the call that the request reaches, or "" if it reaches none. */
export function requestToExplain(operation: string, request: FastifyRequest, readable: Inputs): RequestToExplain {
  const { method, url, ip } = request;
  const path = url.split("?", 1)[0] ?? "";
  return {
    operation,
    method,
    path,
    isAskedFor: says(request, "1"),
    isBackground: isByItself(request) || ASKED_BY_BROWSERS.test(path),
    address: ip,
    readable,
  };
}

/** Whether the `Explain` header contains a word, alone or with another: `Explain: 1, background`. */
function says({ headers: { explain } }: FastifyRequest, word: string): boolean {
  if (typeof explain !== "string" || explain.length > MAX_EXPLAIN_CHARACTERS) return false;
  return explain === word || explain.split(",").some((each) => each.trim() === word);
}

/** Keeps the trace. If the client asked for it, the reply says where it is. */
export async function endExplanation(
  explanation: Explanation,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  reason?: string,
): Promise<void> {
  const { serverTiming, traceId } = await explanation.end(status, reason);
  if (!says(request, "1")) return;
  // Before the first step there is nothing to time.
  if (serverTiming !== "") reply.header("server-timing", serverTiming);
  reply.header("link", `</api/v1/explain/${traceId}>; rel="describedby"`);
}
