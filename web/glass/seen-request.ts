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
  /** Who sent it, if it was someone in the class. "?" if the request does not say it. */
  sender?: string | undefined;
  senderId?: number | undefined;
  /** Whether the sender only says so: the server has not seen the right token. */
  isClaimed?: boolean;
}

/** Makes a request of someone in the class from its trace. */
export function seenInClass(trace: Trace, handleOf: (userId: number) => string | undefined): SeenRequest {
  const { method, path, inputs, sender } = trace.request;
  const given = inputs.filter(({ name }) => name !== "myId" && name !== "myAuth");
  const shown = Object.fromEntries(given.map(({ name, value, characters }) => [name, value ?? hidden(characters)]));
  const isGet = method === "GET" || method === "HEAD";
  const query = Object.entries(shown).map(([name, value]) => `${inUrl(name)}=${inUrl(String(value))}`);
  const id = sender?.userId;
  return {
    key: trace.id,
    method: method === "" ? "?" : method,
    path,
    query: isGet && query.length > 0 ? `?${query.join("&")}` : "",
    body: !isGet && given.length > 0 ? JSON.stringify(shown) : undefined,
    hasCredentials: inputs.some(({ name }) => name === "myId"),
    isBackground: trace.request.background === true,
    begunAt: performance.now(),
    milliseconds: trace.steps.reduce((sum, step) => sum + (step.milliseconds ?? 0), 0),
    status: trace.status,
    traceId: trace.id,
    trace,
    senderId: id,
    sender: (id === undefined ? shortened(sender?.userHandle) : (handleOf(id) ?? `#${id}`)) ?? "?",
    isClaimed: sender?.proved === false,
  };
}

const MAX_HANDLE_CHARACTERS = 64;

/** Nobody has checked a handle that is only claimed. It may be as long as a message, and have invisible characters. */
function shortened(handle: string | undefined): string | undefined {
  const characters = [...(handle ?? "").replace(/[\p{Cc}\p{Cf}]/gu, "")];
  if (characters.length === 0) return undefined;
  const isLong = characters.length > MAX_HANDLE_CHARACTERS;
  return characters.slice(0, MAX_HANDLE_CHARACTERS).join("") + (isLong ? "…" : "");
}

/** Stands for a value that the server does not show. */
function hidden(characters: number | undefined): string {
  return characters === undefined ? "…" : `(${characters})`;
}

/** What the server or hidden() put in the place of a value. It is for people, so it stays readable. */
const COVER = /(\(\d+(?: characters, not shown)?\)|^…$)/;

function inUrl(text: string): string {
  return text
    .split(COVER)
    .map((part, i) => (i % 2 === 1 ? part : encodeURIComponent(part)))
    .join("");
}
