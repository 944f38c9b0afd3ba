/**
 * Sends a request, and retries it where that is safe. Two cases count. If the server says that it did nothing (429,
 * 503), any request may be sent again. If no reply came, or the server says that it does not know the outcome, nobody
 * knows whether it was done: then only a request that does no harm when it is done twice may be sent again.
 */
import { backoff, pause } from "./backoff.ts";
import { ChatError, errorInReply, leavesInDoubt, noReply, strangeReply } from "./chat-error.ts";
import { type Shape, WrongShape } from "./shape.ts";
import type { Credentials } from "./types.ts";

/** Where the server is, and how long the client keeps trying. */
export interface Connection {
  url: string;
  /** The most times that a request is tried. */
  attempts: number;
  /** Seconds after which a request without a reply counts as failed. */
  timeoutSeconds: number;
  /** Sends a request: `fetch` itself, or a function that wraps it. */
  fetch: Fetch;
}

export type Fetch = (url: string, request: RequestInit) => Promise<Response>;

export interface ChatRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  credentials?: Credentials | undefined;
  /** They go into the URL with GET, otherwise into the body: browsers send no body with GET (ruling R7). */
  inputs?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  /** Whether it does no harm when the server does it twice. */
  isRepeatable: boolean;
  /** If the outcome of a try is unknown and the next one gets this status, the first one worked: this is its result. */
  doneBefore?: { status: number; result: object };
  /** Seconds that the server may wait on purpose before it answers. */
  waitSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** If the server asks for a longer wait, the caller gets the error instead. */
const MAX_RETRY_AFTER_SECONDS = 10;

export interface ConnectionOptions {
  /** The most times that a request is tried. */
  attempts?: number;
  /** Seconds after which a request without a reply counts as failed. */
  timeoutSeconds?: number;
  /** Sends the requests instead of `fetch`, for example to watch them or to add a header. */
  fetch?: Fetch;
}

const DEFAULT_ATTEMPTS = 6;
const DEFAULT_TIMEOUT_SECONDS = 10;

/** @param url the address of the server, such as `http://127.0.0.1:8080`. */
export function connectionTo(url: string, { attempts, timeoutSeconds, fetch }: ConnectionOptions): Connection {
  return {
    url: url.replace(/\/+$/, ""),
    attempts: attempts ?? DEFAULT_ATTEMPTS,
    timeoutSeconds: timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    // A browser's fetch throws an error when it is called as a method of another object.
    fetch: fetch ?? ((address, request) => globalThis.fetch(address, request)),
  };
}

/**
 * @returns the body of the server's reply.
 * @throws {ChatError} when no try succeeded. If an earlier try may have, the error is that of the earlier one: that the
 * last one did nothing would be true, and misleading.
 */
export async function sendRequest<Reply>(
  connection: Connection,
  request: ChatRequest,
  shape: Shape<Reply>,
): Promise<Reply> {
  let doubt: ChatError | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(connection, request, shape);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!(error instanceof ChatError)) throw error;
      if (doubt !== undefined && error.status === request.doneBefore?.status) return request.doneBefore.result as Reply;
      const isInDoubt = leavesInDoubt(error);
      if (isInDoubt) doubt = error;
      const mayRepeat = isInDoubt ? request.isRepeatable : nothingWasDone(error);
      if (!mayRepeat || attempt >= connection.attempts) throw saysNothingWasDone(error) ? (doubt ?? error) : error;
      await pause(Math.max(backoff(attempt), (error.retryAfterSeconds ?? 0) * 1000), request.signal);
    }
  }
}

/** Whether the server said that it did nothing, and the same request may soon succeed. */
export function nothingWasDone(error: ChatError): boolean {
  return saysNothingWasDone(error) && (error.retryAfterSeconds ?? 0) <= MAX_RETRY_AFTER_SECONDS;
}

function saysNothingWasDone(error: ChatError): boolean {
  return (error.status === 429 || error.status === 503) && !leavesInDoubt(error);
}

/** Sends a request once, and returns the reply before its body has arrived. @throws {ChatError} when no reply came. */
export async function fetchReply(
  { url, fetch }: Connection,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { method, path, credentials, inputs = {}, headers } = request;
  const given = Object.entries(inputs).filter(([, value]) => value !== undefined);
  const hasBody = method !== "GET" && given.length > 0;
  const query = new URLSearchParams();
  if (method === "GET") for (const [name, value] of given) query.set(name, String(value));
  try {
    return await fetch(`${url}${path}${query.size === 0 ? "" : `?${query}`}`, {
      method,
      headers: {
        ...(credentials !== undefined && { authorization: basic(credentials) }),
        ...(hasBody && { "content-type": "application/json" }),
        ...headers,
      },
      ...(hasBody && { body: JSON.stringify(Object.fromEntries(given)) }),
      cache: "no-store",
      credentials: "omit",
      // The token, the secret and the message are for this server, and for no other that it names.
      redirect: "manual",
      signal,
    });
  } catch (error) {
    throw noReply(url, signal.aborted ? signal.reason : error);
  }
}

/**
 * Asks for a file, whose body the caller reads: it may be long. It is tried once. @throws {ChatError} when no reply came,
 * or another one than 200.
 */
export async function fetchFile(connection: Connection, request: ChatRequest): Promise<Response> {
  const reply = await fetchReply(connection, request, request.signal ?? new AbortController().signal);
  if (reply.status !== 200) throw errorInReply(reply, await reply.text(), connection.url);
  return reply;
}

/** What is in a JSON text from the server. @throws {ChatError} when it is not JSON, or has the wrong types. */
export function readJson<Reply>(text: string, shape: Shape<Reply>, { url }: Pick<Connection, "url">): Reply {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw strangeReply(`${url} did not answer with JSON.`);
  }
  try {
    return shape(value, "");
  } catch (error) {
    if (error instanceof WrongShape) throw strangeReply(`In the reply of ${url}, ${error.message}.`);
    throw error;
  }
}

async function sendOnce<Reply>(connection: Connection, request: ChatRequest, shape: Shape<Reply>): Promise<Reply> {
  const { url, timeoutSeconds } = connection;
  const timeout = AbortSignal.timeout((timeoutSeconds + (request.waitSeconds ?? 0)) * 1000);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  const reply = await fetchReply(connection, request, signal);
  let text: string;
  try {
    text = await reply.text();
  } catch (error) {
    throw noReply(url, signal.aborted ? signal.reason : error);
  }
  if (reply.status !== 200) throw errorInReply(reply, text, url);
  return readJson(text, shape, connection);
}

/** btoa() accepts only characters that stand for one byte. */
function basic({ myId, myAuth }: Credentials): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${myId}:${myAuth}`)))}`;
}
