/**
 * Creates the Fastify server without routes: its limits, how it reads bodies, the headers of every reply, and the log.
 * app.ts calls it and adds the routes.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Logger } from "pino";
import type { Explain } from "../explain/explain.ts";
import { Refusal } from "../steps/refusal.ts";
import { refuse } from "./answer.ts";
import { explainUnreadable } from "./explain-unreadable.ts";
import { logRequest } from "./monitor/request-log.ts";
import { closeGently, endIfUnread } from "./reply/gentle-close.ts";
import { answerConnect, answerUnreadable } from "./reply/parser-problems.ts";
import { SECURITY_HEADERS } from "./reply/replies.ts";
import { readBody } from "./request/body.ts";
import type { HeldBytes } from "./request/held-bytes.ts";
import { refusalForPercentSigns } from "./request/percent-signs.ts";
import { isHeldBack } from "./request/pipelining.ts";
import { MAX_BODY_BYTES } from "./request/request-weight.ts";

const MAX_HEADER_BYTES = 16 * 1024;
/** Slow clients: how long the headers may take, the whole request, and a connection on which nothing moves. */
const HEADERS_TIMEOUT_MILLISECONDS = 10_000;
const REQUEST_TIMEOUT_MILLISECONDS = 30_000;
/** Longer than the longest `wait`, during which nothing moves either. */
const IDLE_TIMEOUT_MILLISECONDS = 90_000;
const TIMEOUT_CHECK_MILLISECONDS = 2_000;

interface FastifyParts {
  log: Logger;
  nextRequestId: () => string;
  trustedProxies: number;
  explain: Explain;
  /** What the server holds for all clients together. */
  held: HeldBytes;
}

export function createFastify({ log, nextRequestId, trustedProxies, explain, held }: FastifyParts): FastifyInstance {
  const answer = answerUnreadable((problem, bytes, socket) =>
    explainUnreadable(explain, problem, bytes, socket.remoteAddress ?? ""),
  );
  const app = Fastify({
    // Fastify's own remarks are left out. Requests are logged below, and one logger serves them all.
    loggerInstance: log.child({}, { level: "warn" }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    genReqId: nextRequestId,
    requestIdHeader: false,
    // Hop 0 is the connection itself. Anybody could have written the addresses further on in X-Forwarded-For.
    trustProxy: (_address, hop) => hop < trustedProxies,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    connectionTimeout: IDLE_TIMEOUT_MILLISECONDS,
    keepAliveTimeout: IDLE_TIMEOUT_MILLISECONDS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MILLISECONDS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MILLISECONDS,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
    },
    clientErrorHandler(error, socket) {
      if (error.code !== "ERR_HTTP_REQUEST_TIMEOUT" || !isHeldBack(socket)) answer(error, socket);
    },
    // Fastify cannot read every path, for instance one with half a percent sign. Such a request never reaches a route.
    frameworkErrors(error, request, reply) {
      endIfUnread(request, reply);
      reply.headers(SECURITY_HEADERS).header("request-id", request.id);
      void refuse(explain, request, reply, refusalForPercentSigns(request.url) ?? error);
    },
  });
  app.server.on("connect", answerConnect);
  closeGently(app);
  acceptBodies(app, held);
  addHeadersAndLog(app, log);
  return app;
}

/**
 * A body may come with any method and any content type: `curl -d` calls everything a form. Fastify passes the bytes on,
 * and the first step of the call reads them.
 */
function acceptBodies(app: FastifyInstance, held: HeldBytes): void {
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  app.addHttpMethod("HEAD", { hasBody: true, overrideExisting: true });
  app.addHttpMethod("QUERY", { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", ({ raw }, _body, done) => {
    readBody(raw, held, (body) => (body instanceof Refusal ? done(body) : done(null, body)));
  });
}

function addHeadersAndLog(app: FastifyInstance, log: Logger): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header("request-id", request.id);
    done();
  });
  if (!log.isLevelEnabled("debug")) return;
  app.addHook("onResponse", (request, reply, done) => {
    const { id, method, routeOptions } = request;
    logRequest(log, { id, method, route: routeOptions.url }, reply.statusCode, reply.elapsedTime);
    done();
  });
}
