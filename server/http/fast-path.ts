/**
 * The short way to an operation, for requests as nearly all of them are: one of our calls, nothing in the address behind its
 * path, at most a short body of known length, no header that changes how a request is read or answered. They are
 * answered by Node's own server; all others go the long way through Fastify, and get the same replies.
 *
 * What Fastify does for a request costs as much as everything that an operation does.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Route } from "../operations/routes.ts";
import { type Edge, outcomeOf } from "./answer.ts";
import { logRequest } from "./monitor/request-log.ts";
import { JSON_TYPE, jsonOf, SECURITY_HEADERS } from "./reply/replies.ts";
import { ReplyTurn } from "./reply/reply-turn.ts";
import { isStrangeHead } from "./request/head-checks.ts";
import { HttpCall } from "./request/http-call.ts";

/** What clients call JSON. Fastify looks at other types more closely than a comparison can. */
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
  /** Says whether everything must go the long way at this moment. */
  isClosed: () => boolean;
}

/** Puts the short way in front of whatever answers requests now. */
export function addFastPath(server: Server, options: FastPathOptions): void {
  const slowPath = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  for (const route of options.routes) {
    // A stream writes past whoever has begun it, and is begun once in an hour.
    if (route.isStream !== true) answers.set(`${route.method} ${route.path}`, answerFast(route, options));
  }
  server.on("request", (request, response) => {
    const answer = answers.get(`${request.method} ${request.url}`);
    if (answer !== undefined && isUsual(request, options)) answer(request, response);
    else for (const listener of slowPath) listener.call(server, request, response);
  });
}

function isUsual(request: IncomingMessage, { edge, maxBodyBytes, isClosed }: FastPathOptions): boolean {
  const { headers } = request;
  if (headers.explain !== undefined || edge.explain.feed?.isWatched === true || isClosed()) return false;
  if (headers["transfer-encoding"] !== undefined || headers.expect !== undefined || headers.upgrade !== undefined) {
    return false;
  }
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) return false;
  return USUAL_CONTENT_TYPES.has(headers["content-type"]) && !isStrangeHead(request);
}

function answerFast(route: Route, { edge, log, nextRequestId }: FastPathOptions) {
  const turn = new ReplyTurn();
  const isLogged = log.isLevelEnabled("debug");
  return (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = nextRequestId();
    readBody(request, async (body) => {
      const started = performance.now();
      const call = new HttpCall({ body, query: undefined, headers: request.headers }, response);
      // Behind a proxy nobody comes this way, so the connection's address is the client's.
      const outcome = await outcomeOf(route, edge, edge.parts, call, request.socket.remoteAddress ?? "");
      let status = 200;
      if ("result" in outcome) {
        await turn.end();
        send(response, status, ["content-type", JSON_TYPE], jsonOf(outcome.result), requestId);
      } else {
        const { problem, error } = outcome;
        status = problem.status;
        if (problem.isFault) log.error({ requestId, step: call.step, error }, "A request failed");
        send(response, status, Object.entries(problem.headers).flat(), [problem.body], requestId);
      }
      const elapsed = performance.now() - started;
      edge.figures.record(route.operation.name, status, elapsed);
      if (isLogged) logRequest(log, { id: requestId, method: route.method, url: route.path }, status, elapsed);
    });
  };
}

/** Calls `done` with the whole body. A client that hangs up before gets no reply, and needs none. */
function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  let body: Buffer | undefined;
  request.on("data", (piece: Buffer) => {
    body = body === undefined ? piece : Buffer.concat([body, piece]);
  });
  request.on("end", () => done(body));
}

/** Headers as a list are written and forgotten; all pieces of a reply that are written in one turn go out together. */
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
