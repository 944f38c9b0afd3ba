/**
 * Every address of the server, and correct calls to it. A hostile request starts from one of these, so that it gets
 * past the first checks.
 */
import type { Random } from "./random.ts";

export interface Person {
  userId: number;
  authToken: string;
  userHandle: string;
}

/** The people and messages that a hostile request may name. */
export interface Cast {
  secret: string;
  /** Their queues are compared at the end, so they never leave and never change their token. */
  good: [Person, ...Person[]];
  /** Anything may happen to these. */
  expendable: [Person, ...Person[]];
  /** Messages that were sent. Some have been removed since. */
  messageIds: number[];
}

export interface ValidCall {
  method: string;
  path: string;
  person: Person | undefined;
  /** The inputs without the credentials: names, and values as JSON. */
  inputs: Record<string, string>;
  /** Whether the reply may take long or never end. */
  mayLast: boolean;
}

export const METHODS = ["GET", "POST", "PATCH", "DELETE", "QUERY", "HEAD", "PUT", "OPTIONS"] as const;
/** Other methods that Node's parser knows. Each has been a special case in some program. */
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
/** Their replies are long or slow, so they are rarely asked for. A million of them would leave no time for the rest. */
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
      // A new user means four files, each synced. So most of these use a handle that is taken.
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
      // Each keeps its lane busy for a while. A few thousand in a long storm are enough.
      if (!random.oneIn(20)) return call("GET", "/api/v1/chat", { before: messageId, box: '"sent"' });
      if (random.oneIn(4)) return { ...call("GET", "/api/v1/chat/stream", { after: messageId }), mayLast: true };
      return { ...call("GET", "/api/v1/chat", { before: "1", wait: String(random.below(3)) }), mayLast: true };
    default:
      return call("POST", "/api/v1/chat", { userHandle: to, message: JSON.stringify(`message ${number}`) });
  }
}
