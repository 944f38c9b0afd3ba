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
import { type Edge, outcomeOf } from "./answer.ts";
import { logRequest } from "./monitor/request-log.ts";
import { JSON_TYPE, jsonOf, SECURITY_HEADERS } from "./reply/replies.ts";
import { ReplyTurn } from "./reply/reply-turn.ts";
import { isUnusualHead } from "./request/head-checks.ts";
import { HttpCall } from "./request/http-call.ts";

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
  maxBodyBytes: number;
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
    if (route.isStream !== true) answers.set(`${route.method} ${route.path}`, answerFast(route, options));
  }
  return (request, response) => {
    const answer = answers.get(`${request.method} ${request.url}`);
    if (answer !== undefined && isUsual(request, options)) answer(request, response);
    else throughFastify(request, response);
  };
}

function isUsual(request: IncomingMessage, options: FastPathOptions): boolean {
  const { edge, maxBodyBytes, isOff, isUsualSender, isStopping } = options;
  const { headers } = request;
  if (headers.explain !== undefined || edge.explain.feed?.isWatched === true || isOff || isStopping()) return false;
  if (headers["transfer-encoding"] !== undefined || headers.expect !== undefined || headers.upgrade !== undefined) {
    return false;
  }
  if (headers["content-encoding"] !== undefined) return false;
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) return false;
  return USUAL_CONTENT_TYPES.has(headers["content-type"]) && isUsualSender(headers) && !isUnusualHead(request);
}

function answerFast(route: Route, { edge, log, nextRequestId, moreHeaders, isStopping }: FastPathOptions) {
  const turn = new ReplyTurn();
  const isLogged = log.isLevelEnabled("debug");
  return (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = nextRequestId();
    readBody(request, async (body) => {
      const started = performance.now();
      const call = new HttpCall({ body, query: undefined, headers: request.headers }, response, route);
      // With a proxy in front, every request goes through Fastify. So the connection's address is the client's.
      const outcome = await outcomeOf(route, edge, edge.parts, call, request.socket.remoteAddress ?? "");
      let status = 200;
      if ("result" in outcome) await turn.end();
      // The last reply on its connection: Node adds `Connection: close`.
      if (isStopping()) response.shouldKeepAlive = false;
      if ("result" in outcome) {
        send(response, status, ["content-type", JSON_TYPE, ...moreHeaders], jsonOf(outcome.result), requestId);
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

/** Calls `done` with the whole body. If the client hangs up first, `done` is not called: no reply could arrive. */
function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  let body: Buffer | undefined;
  request.on("data", (piece: Buffer) => {
    body = body === undefined ? piece : Buffer.concat([body, piece]);
  });
  request.on("end", () => done(body));
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
