/**
 * Checks the headers that say how to read a request, before anything else looks at it. Node would reply to these
 * mistakes itself, with a bare status that tells a beginner nothing. It is told not to (`requireHostHeader`), so these
 * requests get a reply with a sentence and a request id like all others.
 */
import type { IncomingMessage, RequestListener } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "../../steps/refusal.ts";
import { refusalForPercentSigns } from "./percent-signs.ts";

/** The same pattern as Node's: Node has already told such a client to go on. */
const KNOWN_EXPECTATION = /(?:^|\W)100-continue(?:$|\W)/i;

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
/** Blanks after a `;` belong to the parameter: if they could belong to either, a long header would take for ever. */
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[ \\t]*;(?:[ \\t]*${TOKEN}=(?:${TOKEN}|${QUOTED}))?)*[ \\t]*$`);

const UNREADABLE_TYPE = "The server cannot read your `Content-Type` header. Send `application/json`, or leave it out.";

/**
 * Refuses a request whose head is wrong, and closes its connection. Tells a client that waits with its body to send it,
 * unless the reply is known without the body.
 */
export function addHeadChecks(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    const refusal = refusalForHead(request);
    // A proxy may read such a request differently and take what follows for somebody else's request: don't run it.
    if (refusal !== undefined) reply.header("connection", "close");
    done(refusal ?? refusalForCoding(request) ?? refusalForType(request) ?? refusalForPercentSigns(request.url));
  });
  app.addHook("preParsing", (request, reply, _payload, done) => {
    if (isToContinue(request)) reply.raw.writeContinue();
    done();
  });
}

/** Whether a client waits with its body, and the reply depends on it. HTTP/1.0 has no 100. */
function isToContinue({ raw: { httpVersion, headers }, is404, routeOptions: { bodyLimit = 0 } }: FastifyRequest) {
  if (headers.expect === undefined || httpVersion !== "1.1" || is404) return false;
  return Number(headers["content-length"] ?? 0) <= bodyLimit;
}

/** @returns a listener that calls `next`, and lets no other request follow one that offers another protocol. */
export function endConnectionAfterUpgrade(next: RequestListener): RequestListener {
  return (request, response) => {
    // Node takes the bytes that follow for the other protocol and drops them, so the client needs a new connection.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    next(request, response);
  };
}

/** Whether a head must be refused or checked more closely. The fast path leaves such a request to Fastify. */
export function isUnusualHead({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  return httpVersion !== "1.1" || countHosts(rawHeaders) !== 1;
}

function refusalForHead({ raw: { httpVersion, headers, rawHeaders } }: FastifyRequest): Refusal | undefined {
  if (httpVersion !== "1.1") {
    // Node's parser also lets HTTP/0.9 pass, which is a line without a version, and HTTP/2.0.
    if (httpVersion !== "1.0") return new Refusal(400, "The first line of the request must end with HTTP/1.1.");
    // RFC 9112, 6.1: either the client does not know what chunks are, or something between it and the server does not.
    if (headers["transfer-encoding"] === undefined) return undefined;
    return new Refusal(400, "HTTP/1.0 has no `Transfer-Encoding`. Send `Content-Length`, or use HTTP/1.1.");
  }
  const hosts = countHosts(rawHeaders);
  if (hosts === 0) return new Refusal(400, "The `Host` header is missing. HTTP/1.1 needs one in every request.");
  if (hosts > 1) return new Refusal(400, "You sent more than one `Host` header. Send only one.");
  const { expect, "transfer-encoding": coding } = headers;
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return new Refusal(400, "`Transfer-Encoding` may only say `chunked`. Send the body as it is, not compressed.");
  }
  if (expect === undefined || KNOWN_EXPECTATION.test(expect)) return undefined;
  return new Refusal(417, "The `Expect` header may only say `100-continue`. Leave it out.");
}

/** Fastify takes a parameter without a value, such as `application/json; charset=`. RFC 9110 (8.3.1) does not. */
function refusalForType({ headers, is404 }: FastifyRequest): Refusal | undefined {
  const type = headers["content-type"];
  return is404 || type === undefined || MEDIA_TYPE.test(type) ? undefined : new Refusal(400, UNREADABLE_TYPE);
}

/** A body that is compressed would otherwise get a 400, because it is not UTF-8. */
function refusalForCoding({ headers }: FastifyRequest): Refusal | undefined {
  const codings = headers["content-encoding"]?.split(",") ?? [];
  if (codings.every((coding) => ["", "identity"].includes(coding.trim().toLowerCase()))) return undefined;
  return new Refusal(415, "The body is compressed. Send it as it is, without the header `Content-Encoding`.");
}

/** Names and values take turns in `rawHeaders`. `headers` would hide a second Host, which a proxy may have gone by. */
function countHosts(rawHeaders: string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts;
}
