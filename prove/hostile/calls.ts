/**
 * Every address of the server, and the calls as somebody makes them who means well: what a hostile request begins with,
 * so that it gets as far as the steps behind the checks.
 */
import type { Random } from "./random.ts";

export interface Person {
  userId: number;
  authToken: string;
  userHandle: string;
}

/** Who and what a hostile request may speak of. */
export interface Cast {
  secret: string;
  /** Their queues are compared in the end: they never leave and never change their token. */
  good: [Person, ...Person[]];
  /** With these everything may happen. */
  expendable: [Person, ...Person[]];
  /** Messages that were sent, some of which are there no more. */
  messageIds: number[];
}

export interface ValidCall {
  method: string;
  path: string;
  person: Person | undefined;
  /** Names, and their values as JSON, without the credentials. */
  inputs: Record<string, string>;
  /** Whether the reply may be one that does not end, or not soon. */
  mayLast: boolean;
}

export const METHODS = ["GET", "POST", "PATCH", "DELETE", "QUERY", "HEAD", "PUT", "OPTIONS"] as const;
/** What Node's parser knows besides. Each has once been handled otherwise by some program. */
export const ODD_METHODS = [
  "TRACE",
  "PROPFIND",
  "LOCK",
  "MKCOL",
  "PURGE",
  "REPORT",
  "SEARCH",
  "SOURCE",
  "LINK",
  "COPY",
] as const;

const PLACES = ["/api/v1/register", "/api/v1/users", "/api/v1/chat", "/api/v1/chat/stream"] as const;
export const ADDRESSES = [
  ...PLACES,
  "/api/v1/register",
  "/api/v1/chat",
  "/api/v1/explain",
  "/api/v1/explain/1",
  "/api/v1/explain/",
  "/api/v1/class",
  "/api/v1/class/secret",
  "/healthz",
  "/readyz",
  "/problems/forbidden",
  "/problems/",
  "/projector",
  "/favicon.ico",
  "/web/main.ts",
  "/web/",
  "/client/plainchat-client.ts",
  "/lit-html/lit-html.js",
  "/uqr/",
  "/",
  "/nothing",
] as const;
/** Their replies are long or dear; asked for now and then, like the others a million times they would be all there is. */
export const DEAR_ADDRESSES = ["/metrics", "/openapi.json", "/docs", "/docs/reference.js"] as const;

export function validCall(random: Random, cast: Cast, number: number): ValidCall {
  const good = random.pick(cast.good);
  const to = JSON.stringify(random.pick(cast.good).userHandle);
  const call = (method: string, path: string, inputs: Record<string, string>, person: Person | undefined = good) => ({
    method,
    path,
    person,
    inputs,
    mayLast: false,
  });
  const messageId = String(cast.messageIds[random.below(cast.messageIds.length)] ?? 1);
  switch (random.below(16)) {
    case 0: {
      // A user is four files, each made durable: most of these have a handle that is taken.
      const handle = random.oneIn(20) ? `new-${number}-${random.below(1e9)}` : good.userHandle;
      return call(
        "POST",
        "/api/v1/register",
        { secret: JSON.stringify(cast.secret), userHandle: JSON.stringify(handle) },
        undefined,
      );
    }
    case 1:
      return call("GET", "/api/v1/register", { userHandle: to });
    case 2:
      return call("PATCH", "/api/v1/register", { userHandle: to }, random.pick(cast.expendable));
    case 3:
      return call("DELETE", "/api/v1/register", {}, random.pick(cast.expendable));
    case 4:
      return call("GET", "/api/v1/users", { after: String(random.below(10)), limit: String(1 + random.below(5)) });
    case 5:
    case 6:
      return call("GET", "/api/v1/chat", { after: messageId, limit: String(1 + random.below(10)), box: '"both"' });
    case 7:
      return call("PATCH", "/api/v1/chat", { messageId, message: JSON.stringify(`edited ${number}`) });
    case 8:
      return call("DELETE", "/api/v1/chat", { messageId });
    case 9:
      // Each costs its lane a while: a few thousand of them in a long storm are plenty.
      if (!random.oneIn(20)) return call("GET", "/api/v1/chat", { before: messageId, box: '"sent"' });
      if (random.oneIn(4)) return { ...call("GET", "/api/v1/chat/stream", { after: messageId }), mayLast: true };
      return { ...call("GET", "/api/v1/chat", { before: "1", wait: String(random.below(3)) }), mayLast: true };
    default:
      return call("POST", "/api/v1/chat", { userHandle: to, message: JSON.stringify(`message ${number}`) });
  }
}
