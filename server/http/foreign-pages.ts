/**
 * Refuses what the pages of other websites send from the browser of somebody who can reach the server (ruling R37). The
 * browser would only hide the reply from such a page: the request itself would have done its work. It also refuses
 * unknown names of the server in class mode, and answers the question (preflight) that a browser asks first for a page
 * that was allowed. app.ts puts it before everything else, so a refused request has no trace and counts nowhere.
 *
 * The server has no cookies. So it never allows a browser to add credentials by itself.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../steps/refusal.ts";
import { answerProblem } from "./answer.ts";
import type { AllowedOrigins } from "./request/allowed-origins.ts";
import type { KnownHosts } from "./request/known-hosts.ts";

/** The headers of replies that a page may read. It can always read `Content-Type` and `Content-Length`. */
const EXPOSED = "Allow, ETag, Link, Request-Id, Retry-After, Server-Timing, WWW-Authenticate";
const PREFLIGHT_REPLY = {
  "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE, QUERY",
  // `*` stands for all headers but `Authorization`. Some browsers do not know it, so the usual ones are named.
  "access-control-allow-headers": "Authorization, Content-Type, Explain, Idempotency-Key, Last-Event-ID, *",
  // In seconds. After a restart without `--allow-origin`, a page must not go on for long.
  "access-control-max-age": "600",
} as const;

interface Rules {
  allowedOrigins: AllowedOrigins;
  /** Undefined if every name is fine. */
  knownHosts: KnownHosts | undefined;
  trustsProxy: boolean;
}

export function refuseForeignPages(app: FastifyInstance, rules: Rules): void {
  const { allowedOrigins, knownHosts } = rules;
  app.addHook("onRequest", (request, reply, done) => {
    const { origin, host } = request.headers;
    // A cache must not keep a reply to one page for another.
    if (!allowedOrigins.isEmpty) reply.header("vary", "Origin");
    const isAllowed = origin === undefined ? allowedOrigins.hasAll : allowedOrigins.has(origin);
    if (isAllowed && origin !== undefined) allow(reply, allowedOrigins.hasAll ? "*" : origin);
    // A refusal is sent here and not thrown: the error handler of a call would make a trace of it.
    if (knownHosts?.has(host) === false) answerProblem(reply, unknownHost(host));
    else if (!isAllowed && isForeign(request, rules)) answerProblem(reply, foreignPage(origin));
    else if (isAllowed && isPreflight(request)) answerPreflight(request, reply);
    else done();
  });
}

/** Whether the fast path may answer: the request comes from a program or from our own page, for a name of ours. */
export function isUsualSender(headers: IncomingHttpHeaders, knownHosts: KnownHosts | undefined): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  if (origin !== undefined && site === undefined && !isPlainOriginOf(host ?? "", origin)) return false;
  return knownHosts === undefined || knownHosts.has(host);
}

/** Whether an origin is `http://` and the host as it is written. It compares without making a string. */
function isPlainOriginOf(host: string, origin: string): boolean {
  return origin.length === "http://".length + host.length && origin.startsWith("http://") && origin.endsWith(host);
}

function isForeign(request: FastifyRequest, { trustsProxy }: Rules): boolean {
  const { headers } = request;
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (site === "same-origin") return false;
  if (origin === undefined) return site !== undefined && site !== "none" && !isLinkFollowed(headers);
  const page = URL.parse(origin);
  if (page === null || (page.protocol !== "http:" && page.protocol !== "https:")) return true;
  // Without a proxy that tells, the server does not know whether there is TLS in front of it.
  const isSchemeKnown = trustsProxy && headers["x-forwarded-proto"] !== undefined;
  if (isSchemeKnown && page.protocol !== `${request.protocol}:`) return true;
  return URL.parse(`${page.protocol}//${request.host}`)?.host !== page.host;
}

/** Whether somebody came here by a link: then the browser leaves the other page, which gets nothing. */
function isLinkFollowed(headers: IncomingHttpHeaders): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}

function allow(reply: FastifyReply, origin: string): void {
  reply.headers({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED,
    // Lets DevTools and the page read the times in `Server-Timing`.
    "timing-allow-origin": origin,
  });
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(PREFLIGHT_REPLY);
  // A browser may ask whether a page from the internet may reach a computer on a local network.
  if (request.headers["access-control-request-private-network"] === "true") {
    reply.header("access-control-allow-private-network", "true");
  }
  reply.code(204).send();
}

function foreignPage(origin: string | undefined): Refusal {
  if (origin === undefined) {
    return new Refusal(
      403,
      "A page of another website uses this address as a part of itself, such as an image or a frame. A link to it works. For a program in a page, start the server with `--allow-origin` and the page's origin.",
    );
  }
  if (origin === "null") {
    return new Refusal(
      403,
      "The page that sent this has no address (`Origin: null`): was it opened as a file? Use a web server for it, or start plainchat with `--allow-origin null`.",
    );
  }
  // Anything could be in the header. Show it only if it looks like an origin.
  const shown = /^[a-z][a-z0-9+.-]{0,30}:\/\/[\w.:[\]-]{1,260}$/i.test(origin) ? origin : "ORIGIN";
  return new Refusal(
    403,
    `A page of ${shown === "ORIGIN" ? "another website" : shown} sent this. The server does not take requests of other websites' pages. To allow it, start the server with \`--allow-origin ${shown}\`.`,
  );
}

function unknownHost(host: string | undefined): Refusal {
  const shown = /^[\w.-]{1,253}(?=:\d*$|$)/.exec(host ?? "")?.[0] ?? "NAME";
  return new Refusal(
    403,
    `In your request the server is called ${shown === "NAME" ? "by a name that it does not know" : `\`${shown}\`, and it does not know that name`}. Use its IP address, or start the server with \`--allow-host ${shown}\`.`,
  );
}
