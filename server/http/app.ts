/**
 * Puts the parts together: a Fastify server whose routes are the operations. It does not start or stop anything, so a
 * test can create its own app.
 */
import type { AddressInfo, Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { type CheckOptions, ServerChecks } from "../checks/checks.ts";
import { Explain } from "../explain/explain.ts";
import type { Live } from "../live/live.ts";
import { ROUTES } from "../operations/routes.ts";
import { type Clock, type Random, systemClock } from "../steps/random-and-clock.ts";
import { makeCode } from "../store/class/rejoin-code.ts";
import type { Store } from "../store/store.ts";
import { makeAuthToken } from "../store/users/auth-token.ts";
import { answerWith, type Edge, refuse } from "./answer.ts";
import { createFastify } from "./create-fastify.ts";
import { addFallbacks, collectMethods } from "./fallbacks.ts";
import { isUsualSender, refuseForeignPages } from "./foreign-pages.ts";
import { networkOf } from "./limits/client-network.ts";
import { ConnectionWatch, type WatchOptions } from "./limits/connection-watch.ts";
import { Connections } from "./limits/connections.ts";
import { RateLimit } from "./limits/rate-limit.ts";
import { addProbes } from "./monitor/probes.ts";
import { RequestFigures } from "./monitor/request-figures.ts";
import { createRequestIds } from "./monitor/request-ids.ts";
import { AllowedOrigins } from "./request/allowed-origins.ts";
import { addHeadChecks } from "./request/head-checks.ts";
import { HeldBytes } from "./request/held-bytes.ts";
import { KnownHosts } from "./request/known-hosts.ts";
import { setRequestOrder } from "./request-order.ts";
import { addClassRoutes } from "./routes/class-routes.ts";
import { addExplainRoutes } from "./routes/explain-routes.ts";
import { addLearn } from "./routes/learn/learn-routes.ts";
import { addPage } from "./routes/page/page-routes.ts";
import { addProblemPages } from "./routes/problem-pages.ts";
import { addDocsPage } from "./routes/reference/docs-page.ts";

interface AppOptions {
  store: Pick<
    Store,
    | "users"
    | "messages"
    | "secret"
    | "classroom"
    | "observedBy"
    | "figures"
    | "troubles"
    | "folderTag"
    | "isShared"
    | "classTag"
  >;
  live: Live;
  log: Logger;
  clock?: Clock;
  random?: Random;
  /** How many proxies are in front of the server. Each adds the client's address to `X-Forwarded-For`. */
  trustedProxies?: number;
  /** The other websites whose pages may send requests, as readOrigin() returns them. */
  allowedOrigins?: readonly string[] | undefined;
  /** The names of the server, beside those that it knows by itself. Without them, only class mode looks at names. */
  allowedHosts?: readonly string[] | undefined;
  /** The name on the local network, in class mode. It may change, and come and go with the network. */
  localName?: { readonly current: string | undefined } | undefined;
  /** Where the course is, if not in this repository. */
  courseFolder?: URL | undefined;
  /** Other limits for the checks of pupils' servers. */
  checks?: Partial<CheckOptions> | undefined;
  /** How many connections may be open. */
  maxConnections?: number | undefined;
  /** How many bytes all clients together may make the server hold. */
  maxHeldBytes?: number | undefined;
  /** How long a client may take nothing of its reply. */
  untakenMilliseconds?: number | undefined;
}

const NO_COURSE = "A part of the course cannot be read, so the page /learn does not have it";
const RANDOM: Random = { authToken: makeAuthToken, rejoinCode: makeCode };

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { store, live, log, clock = systemClock, random = RANDOM } = options;
  const { trustedProxies = 0, allowedHosts = [] } = options;
  // In class mode everyone may watch everyone's requests.
  const isClass = store.classroom !== undefined;
  const allowedOrigins = new AllowedOrigins(options.allowedOrigins ?? []);
  const knownHosts = isClass || allowedHosts.length > 0 ? new KnownHosts(allowedHosts) : undefined;
  const nextRequestId = createRequestIds();
  const explain = new Explain({
    observedBy: (witness) => store.observedBy(witness),
    clock,
    class: store.classroom && {
      classroom: store.classroom,
      users: store.users,
      isThere: async (messageId) => (await store.messages.find(messageId)) !== undefined,
    },
  });
  const held = new HeldBytes(options.maxHeldBytes);
  const app = createFastify({ log, nextRequestId, trustedProxies, explain, held });
  const connections = new Connections({ maxConnections: options.maxConnections, isShared: trustedProxies > 0 });
  const watch = watchConnections(app, { connections, held, untakenMilliseconds: options.untakenMilliseconds });
  const methodsByPath = collectMethods(app);
  addHeadChecks(app);
  refuseForeignPages(app, { allowedOrigins, knownHosts, trustsProxy: trustedProxies > 0 });
  const isStopping = endConnectionsAtStop(app);

  const figures = new RequestFigures();
  const { users, messages, secret, classroom } = store;
  const checks = isClass ? new ServerChecks({ isBehindProxy: trustedProxies > 0, ...options.checks }) : undefined;
  const parts = { users, messages, secret, classroom, checks, live, clock, random };
  const rateLimit = new RateLimit();
  app.addHook("preClose", (done) => {
    rateLimit.close();
    checks?.close();
    done();
  });
  const onUntaken = (socket: Socket) => watch.noteUntaken(socket);
  const edge = { parts, rateLimit, figures, explain, onUntaken };
  addCalls(app, edge);
  addExplainRoutes(app, explain, {
    isShared: store.isShared,
    addressOf: (request) => networkOf(request.ip),
    openTeacherKey: classroom && (() => classroom.openKey()),
    countWrongKey: (request) => rateLimit.countWrongToken(request.ip),
  });
  tellWatchers(explain, { store, live });
  addProbes(app, { store, live, figures, connections, held, watch });
  addProblemPages(app);
  const { classTag: folder, isShared } = store;
  addClassRoutes(app, { users, secret, classroom, folder, isShared, localName: options.localName });
  addDocsPage(app);
  addPage(app, { isClass });
  addLearn(app, { isClass, folder: options.courseFolder, onProblem: (problem) => log.warn({ problem }, NO_COURSE) });
  addFallbacks(app, methodsByPath, explain);
  setRequestOrder(app, {
    routes: ROUTES,
    edge,
    log,
    held,
    nextRequestId,
    // Only Fastify finds the client's address where there is a proxy.
    isOff: trustedProxies > 0,
    isUsualSender: (headers) => isUsualSender(headers, knownHosts),
    moreHeaders: allowedOrigins.isEmpty ? [] : ["vary", "Origin"],
    isStopping,
  });
  return app;
}

/**
 * Once the server stops, each reply still due is the last on its connection and says so. Otherwise the client would
 * keep the connection for its next request, and the stop would wait for it. @returns whether the server is stopping.
 */
function endConnectionsAtStop(app: FastifyInstance): () => boolean {
  let isStopping = false;
  app.addHook("preClose", (done) => {
    isStopping = true;
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (isStopping) reply.header("connection", "close");
    done();
  });
  return () => isStopping;
}

/** Tells those who watch the class when something that they may still show must go. */
function tellWatchers({ feed }: Explain, { store, live }: Pick<AppOptions, "store" | "live">): void {
  const { classroom } = store;
  if (feed === undefined || classroom === undefined) return;
  live.onGone = ({ type, toId, json }) =>
    feed.tellGone(type === "leave" ? { toId } : { messageId: JSON.parse(json).messageId });
  let asked = 0;
  live.onNews = async () => {
    asked++;
    const mine = asked;
    try {
      const { facts } = await classroom.decisions();
      // Somebody has decided something else in the meantime: that goes out, and never the other way round.
      if (mine === asked) feed.tellClass(facts);
    } catch {
      feed.endAll();
    }
  };
}

/** Counts the connections and what they hold, from the first one to the stop. */
function watchConnections(app: FastifyInstance, options: Omit<WatchOptions, "port">): ConnectionWatch {
  const port = () => (app.server.address() as AddressInfo | null)?.port ?? 0;
  const watch = new ConnectionWatch({ ...options, port });
  app.server.on("connection", (socket) => options.connections.add(socket));
  app.addHook("onClose", (_app, done) => {
    watch.close();
    done();
  });
  return watch;
}

function addCalls(app: FastifyInstance, edge: Edge): void {
  for (const route of ROUTES) {
    // QUERY (RFC 10008) is a GET with a body that proxies and caches know about.
    const method = route.method === "GET" ? ["GET", "QUERY"] : route.method;
    const errorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      refuse(edge.explain, request, reply, error, route.id);
    app.route({ method, url: route.path, handler: answerWith(route, edge), errorHandler });
  }
}
