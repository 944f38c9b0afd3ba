/**
 * The fast path to an operation, for requests like nearly all of them: one of our calls, no query string, a short body
 * of known length or none, and no header that changes how to read or answer the request. Node's own server answers
 * them. Every other request goes through Fastify. Both must give the same replies: tests/explain.test.ts compares them.
 *
 * What Fastify does for a request costs as much as everything that an operation does.
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Route } from "../operations/routes.ts";
import { Refusal } from "../steps/refusal.ts";
import { type Edge, outcomeOf } from "./answer.ts";
import { logRequest } from "./monitor/request-log.ts";
import { problemFor } from "./reply/problem.ts";
import { bytesOf, freeAtClose, JSON_TYPE, jsonOf, SECURITY_HEADERS } from "./reply/replies.ts";
import { LONG_REPLY_BYTES, ReplyTurn } from "./reply/reply-turn.ts";
import { readBody } from "./request/body.ts";
import { isUnusualHead } from "./request/head-checks.ts";
import type { HeldBytes } from "./request/held-bytes.ts";
import { HttpCall } from "./request/http-call.ts";
import { MAX_BODY_BYTES } from "./request/request-weight.ts";

/** The usual types for JSON. Fastify parses every other type, which takes more than a comparison. */
const USUAL_CONTENT_TYPES = new Set<string | undefined>([
  undefined,
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-8",
  "application/x-www-form-urlencoded",
  "text/plain;charset=UTF-8",
]);
const FIXED_HEADERS: string[] = Object.entries(SECURITY_HEADERS).flat();

export interface FastPathOptions {
  routes: readonly Route[];
  edge: Edge;
  log: Logger;
  /** What the server holds for all clients together. */
  held: HeldBytes;
  nextRequestId: () => string;
  /** Whether every request must go through Fastify. */
  isOff: boolean;
  /** Whether a request comes from a program or from our own page. Fastify looks at all others. */
  isUsualSender: (headers: IncomingHttpHeaders) => boolean;
  /** Names and values of headers for every reply, beside those for security. */
  moreHeaders: readonly string[];
  /** Whether the server is stopping. Then Fastify gets new requests, and refuses them. */
  isStopping: () => boolean;
}

/** @returns a listener that answers a usual request itself, and calls `throughFastify` for every other. */
export function fastPath(options: FastPathOptions, throughFastify: RequestListener): RequestListener {
  const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  for (const route of options.routes) {
    // A stream writes its reply past Fastify anyway, and a client opens one about once an hour.
    if (route.isStream !== true && route.isDownload !== true && route.needsPeer !== true)
      answers.set(`${route.method} ${route.path}`, answerFast(route, options));
  }
  return (request, response) => {
    const answer = answers.get(`${request.method} ${request.url}`);
    if (answer !== undefined && isUsual(request, options)) answer(request, response);
    else throughFastify(request, response);
  };
}

function isUsual(request: IncomingMessage, options: FastPathOptions): boolean {
  const { edge, isOff, isUsualSender, isStopping } = options;
  const { headers } = request;
  if (headers.explain !== undefined || edge.explain.feed?.isWatched === true || isOff || isStopping()) return false;
  if (headers["transfer-encoding"] !== undefined || headers.expect !== undefined || headers.upgrade !== undefined) {
    return false;
  }
  if (headers["content-encoding"] !== undefined) return false;
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES) return false;
  return USUAL_CONTENT_TYPES.has(headers["content-type"]) && isUsualSender(headers) && !isUnusualHead(request);
}

function answerFast(route: Route, options: FastPathOptions) {
  const { edge, log, held, nextRequestId, moreHeaders, isStopping } = options;
  const turn = new ReplyTurn();
  const isLogged = log.isLevelEnabled("debug");
  return (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = nextRequestId();
    readBody(request, held, async (body) => {
      const started = performance.now();
      const isRefused = body instanceof Refusal;
      const inputs = { body: isRefused ? undefined : body, query: undefined, headers: request.headers };
      const call = new HttpCall(inputs, response, route);
      // With a proxy in front, every request goes through Fastify. So the connection's address is the client's.
      let outcome = isRefused
        ? { problem: problemFor(body), error: body }
        : await outcomeOf(route, edge, edge.parts, call, request.socket.remoteAddress ?? "");
      let status = 200;
      const length = "result" in outcome ? bytesOf(outcome.result) : 0;
      let pieces: (string | Buffer)[] = [];
      if ("result" in outcome) {
        await turn.end(length);
        try {
          // If the client has hung up, a page would be made for nobody.
          if (!response.destroyed) pieces = await jsonOf(outcome.result);
        } catch (error) {
          outcome = { problem: problemFor(error, call.step), error };
        }
      }
      // The last reply on its connection: Node adds `Connection: close`. The rest of a refused body may still come, and
      // must not be read as a request.
      if (isRefused || isStopping()) response.shouldKeepAlive = false;
      if ("result" in outcome) {
        send(response, status, ["content-type", JSON_TYPE, ...moreHeaders], pieces, requestId);
        if (length >= LONG_REPLY_BYTES) freeAtClose(response, pieces);
        if (request.socket.writableLength > 0) edge.onUntaken(request.socket);
      } else {
        const { problem, error } = outcome;
        status = problem.status;
        if (problem.isFault) log.error({ requestId, step: call.step, error }, "A request failed");
        const headers = [...Object.entries(problem.headers).flat(), ...moreHeaders];
        send(response, status, headers, [problem.body], requestId);
      }
      const elapsed = performance.now() - started;
      edge.figures.record(route.operation.name, status, elapsed);
      if (isLogged) logRequest(log, { id: requestId, method: route.method, route: route.path }, status, elapsed);
    });
  };
}

/** Node writes headers given as a list without keeping them, and sends pieces written in one turn together. */
function send(
  response: ServerResponse,
  status: number,
  headers: string[],
  pieces: (string | Buffer)[],
  requestId: string,
): void {
  let length = 0;
  for (const piece of pieces) length += Buffer.byteLength(piece);
  headers.push(...FIXED_HEADERS, "request-id", requestId, "content-length", String(length));
  response.writeHead(status, headers);
  for (let i = 0; i < pieces.length - 1; i++) response.write(pieces[i]);
  response.end(pieces.at(-1));
}
