/**
 * A request as the glass shows it: one that this page has sent, or somebody else's that the server told of.
 */
import type { Trace } from "../../client/trace.ts";

export interface SeenRequest {
  /** No two have the same. */
  key: string;
  method: string;
  path: string;
  /** With its question mark; empty where there is none. */
  query: string;
  body: string | undefined;
  /** Whether an id and a token went along. */
  hasCredentials: boolean;
  /** Whether the page sent it by itself. */
  isBackground: boolean;
  /** As performance.now() counts. */
  begunAt: number;
  /** Milliseconds from sending it to the beginning of the reply, as this side sees it. */
  milliseconds?: number;
  /** Undefined while there is no reply, 0 when none will come. */
  status?: number;
  traceId?: string | undefined;
  /** Whether it was asked for what the server did, once. */
  isTraceRead?: boolean;
  trace?: Trace;
  /** The server has forgotten what it did. */
  isTraceGone?: boolean;
  /** Who sent it, where it was somebody else. */
  sender?: string | undefined;
}

/** A request of somebody in the class, out of what the server told of it. */
export function seenInClass(trace: Trace, handleOf: (userId: number) => string | undefined): SeenRequest {
  const { method, path, inputs } = trace.request;
  const given = inputs.filter(({ name }) => name !== "myId" && name !== "myAuth");
  const shown = Object.fromEntries(given.map(({ name, value, characters }) => [name, value ?? hidden(characters)]));
  const isGet = method === "GET" || method === "HEAD";
  const query = new URLSearchParams(Object.entries(shown).map(([name, value]) => [name, String(value)]));
  const id = inputs.find(({ name }) => name === "myId")?.value;
  const handle = inputs.find(({ name }) => name === "userHandle")?.value;
  // Whoever has the wrong token may not be who they say, and is not named.
  const isProven = trace.steps.some(
    ({ id: step, compared }) => compared?.equal === true && !step.startsWith("register.post"),
  );
  const isNew = trace.operation === "register.post" && trace.status === 200;
  const whoAsks = isProven && typeof id === "number" ? (handleOf(id) ?? `#${id}`) : undefined;
  const sender = isNew && typeof handle === "string" ? handle : (whoAsks ?? "?");
  return {
    key: trace.id,
    method,
    path,
    query: isGet && query.size > 0 ? `?${query}` : "",
    body: !isGet && given.length > 0 ? JSON.stringify(shown) : undefined,
    hasCredentials: typeof id === "number",
    isBackground: trace.request.background === true,
    begunAt: performance.now(),
    milliseconds: trace.steps.reduce((sum, step) => sum + (step.milliseconds ?? 0), 0),
    status: trace.status,
    traceId: trace.id,
    trace,
    sender,
  };
}

/** In the place of what the server does not show. */
function hidden(characters: number | undefined): string {
  return characters === undefined ? "…" : `(${characters})`;
}
