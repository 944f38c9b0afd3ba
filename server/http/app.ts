/**
 * Puts the parts together: a Fastify server whose routes are the operations. It starts nothing and stops nothing, so a
 * test can make one of its own.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Logger } from "pino";
import { Explain } from "../explain/explain.ts";
import type { Live } from "../live/live.ts";
import { ROUTES } from "../operations/routes.ts";
import { type Clock, type Random, systemClock } from "../steps/random-and-clock.ts";
import { Refusal } from "../steps/refusal.ts";
import type { Store } from "../store/open-store.ts";
import { makeAuthToken } from "../store/users/auth-token.ts";
import { answerProblem, answerWith, type Edge, refuseBefore } from "./answer.ts";
import { addFastPath } from "./fast-path.ts";
import { addProbes } from "./monitor/probes.ts";
import { RequestFigures } from "./monitor/request-figures.ts";
import { createRequestIds } from "./monitor/request-ids.ts";
import { logRequest } from "./monitor/request-log.ts";
import { RateLimit } from "./rate-limit.ts";
import { answerUnreadable } from "./reply/parser-problems.ts";
import { SECURITY_HEADERS } from "./reply/replies.ts";
import { addHeadChecks } from "./request/head-checks.ts";
import { answerInTurn } from "./request/pipelining.ts";
import { addClassRoutes } from "./routes/class-routes.ts";
import { addExplainRoutes } from "./routes/explain-routes.ts";
import { addPage } from "./routes/page/page-routes.ts";
import { addProblemPages } from "./routes/problem-pages.ts";
import { addDocsPage } from "./routes/reference/docs-page.ts";

/** Enough for the longest message, every character of it written as \uXXXX\uXXXX. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/** Slow clients: so long may the headers of a request take, the whole request, and a connection on which nothing moves. */
const HEADERS_TIMEOUT_MILLISECONDS = 10_000;
const REQUEST_TIMEOUT_MILLISECONDS = 30_000;
/** Longer than the longest `wait`, during which nothing moves either. */
const IDLE_TIMEOUT_MILLISECONDS = 90_000;
const TIMEOUT_CHECK_MILLISECONDS = 2_000;
const MAX_CONNECTIONS = 20_000;

export interface AppOptions {
  store: Pick<Store, "users" | "messages" | "secret" | "observedBy" | "figures" | "filesAside">;
  live: Live;
  log: Logger;
  clock?: Clock;
  random?: Random;
  /** How many proxies stand in front, each of which adds the client's address to `X-Forwarded-For`. */
  trustedProxies?: number;
  /** Class mode: what everybody's requests do may be watched, and whoever has this key may see the class secret. */
  projectorKey?: string | undefined;
}

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { store, live, log, clock = systemClock, random = { authToken: makeAuthToken } } = options;
  const { trustedProxies = 0, projectorKey } = options;
  const isClass = projectorKey !== undefined;
  const nextRequestId = createRequestIds();
  const app = Fastify({
    // What Fastify says in passing is left out; requests are logged below, and one logger serves them all.
    loggerInstance: log.child({}, { level: "warn" }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    genReqId: nextRequestId,
    requestIdHeader: false,
    // Hop 0 is the connection itself; what stands further on in X-Forwarded-For, anybody may have written.
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
    clientErrorHandler: answerUnreadable,
    // A path that cannot be read, for instance one with half a percent sign, never gets to a route.
    frameworkErrors: (error, _request, reply) => answerProblem(reply.headers(SECURITY_HEADERS), error),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  const methodsByPath = noteMethods(app);
  acceptBodies(app);
  addHeadersAndLog(app, log);
  addHeadChecks(app);

  const figures = new RequestFigures();
  const parts = { users: store.users, messages: store.messages, secret: store.secret, live, clock, random };
  const explain = new Explain({ observedBy: (witness) => store.observedBy(witness), clock, isClass });
  const edge = { parts, rateLimit: new RateLimit(), figures, explain };
  addCalls(app, edge);
  addExplainRoutes(app, explain);
  addProbes(app, { store, live, figures });
  addProblemPages(app);
  addClassRoutes(app, { ...parts, projectorKey });
  await addDocsPage(app);
  addPage(app, { isClass });
  addLastResorts(app, methodsByPath);
  addFastPath(app.server, {
    routes: ROUTES,
    edge,
    log,
    maxBodyBytes: MAX_BODY_BYTES,
    nextRequestId,
    isClosed: isClosedAtTimes(app, trustedProxies > 0),
  });
  answerInTurn(app.server);
  return app;
}

/** Fastify knows whom a proxy speaks for, and turns everybody away while the server stops. */
function isClosedAtTimes(app: FastifyInstance, always: boolean): () => boolean {
  let isClosed = always;
  app.addHook("preClose", (done) => {
    isClosed = true;
    done();
  });
  return () => isClosed;
}

/**
 * A body may come with any method and under any content type: `curl -d` calls everything a form. It is handed on as
 * bytes, and read by the call's first step.
 */
function acceptBodies(app: FastifyInstance): void {
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  app.addHttpMethod("QUERY", { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

function addHeadersAndLog(app: FastifyInstance, log: Logger): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header("request-id", request.id);
    done();
  });
  if (!log.isLevelEnabled("debug")) return;
  app.addHook("onResponse", (request, reply, done) => {
    logRequest(log, request, reply.statusCode, reply.elapsedTime);
    done();
  });
}

function addCalls(app: FastifyInstance, edge: Edge): void {
  for (const route of ROUTES) {
    // QUERY (RFC 10008) is GET with a body that everybody on the way knows about.
    const method = route.method === "GET" ? ["GET", "QUERY"] : route.method;
    app.route({ method, url: route.path, handler: answerWith(route, edge), errorHandler: refuseBefore(route, edge) });
  }
}

/**
 * The methods of each address, noted when it is added. Fastify could be asked, but it takes what a client sends for the
 * pattern of an address, and some texts are no patterns.
 */
function noteMethods(app: FastifyInstance): ReadonlyMap<string, Set<string>> {
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsByPath.get(url) ?? new Set();
    methodsByPath.set(url, methods);
    for (const each of [method].flat()) methods.add(each);
  });
  return methodsByPath;
}

/** What no route answers, and what a route has thrown. */
function addLastResorts(app: FastifyInstance, methodsByPath: ReadonlyMap<string, Set<string>>): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const allowed = [...(methodsByPath.get(path) ?? [])].sort();
    if (allowed.length === 0) {
      const hint =
        path.length > 1 && path.endsWith("/") ? "Try it without the slash at its end." : "See /docs for all addresses.";
      answerProblem(reply, new Refusal(404, `There is nothing at this address. ${hint}`));
      return;
    }
    reply.header("allow", allowed.join(", "));
    answerProblem(reply, new Refusal(405, `This address takes ${allowed.join(", ")}.`));
  });
  app.setErrorHandler((error, _request, reply) => answerProblem(reply, error));
}
