/**
 * A request as the glass shows it: one that this page sent, or one of the class that the server reported.
 */
import type { Trace } from "../../client/trace.ts";

export interface SeenRequest {
  /** Unique. */
  key: string;
  method: string;
  path: string;
  /** With its question mark. Empty if there is none. */
  query: string;
  body: string | undefined;
  /** Whether it carried an id and a token. */
  hasCredentials: boolean;
  /** Whether the page sent it by itself. */
  isBackground: boolean;
  /** From performance.now(). */
  begunAt: number;
  /** Milliseconds from sending it to the start of the reply, measured in the browser. */
  milliseconds?: number;
  /** Undefined while there is no reply, 0 if none will come. */
  status?: number;
  traceId?: string | undefined;
  /** Whether the page has already asked the server for its trace. */
  isTraceRead?: boolean;
  trace?: Trace;
  /** The server no longer has its trace. */
  isTraceGone?: boolean;
  /** Who sent it, if it was someone else. */
  sender?: string | undefined;
}

/** Makes a request of someone in the class from its trace. */
export function seenInClass(trace: Trace, handleOf: (userId: number) => string | undefined): SeenRequest {
  const { method, path, inputs } = trace.request;
  const given = inputs.filter(({ name }) => name !== "myId" && name !== "myAuth");
  const shown = Object.fromEntries(given.map(({ name, value, characters }) => [name, value ?? hidden(characters)]));
  const isGet = method === "GET" || method === "HEAD";
  const query = new URLSearchParams(Object.entries(shown).map(([name, value]) => [name, String(value)]));
  const id = inputs.find(({ name }) => name === "myId")?.value;
  const handle = inputs.find(({ name }) => name === "userHandle")?.value;
  // With a wrong token, the sender may not be who they claim to be, so they are not named.
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

/** Stands for a value that the server does not show. */
function hidden(characters: number | undefined): string {
  return characters === undefined ? "…" : `(${characters})`;
}
