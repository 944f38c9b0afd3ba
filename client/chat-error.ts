/**
 * The one error that the client throws, whether the server refused a request or no reply came at all. Programs look at
 * its `status` and its `reason`, never at its sentence: the words may change.
 */

/** What kind of failure it was. */
export type ChatErrorReason =
  /** The server said no, and its sentence says why. */
  | "refused"
  /** The server sent a 404 with an empty body: no user has this handle (ruling R8). */
  | "unknown handle"
  /** The user has left the server. The request was not sent. */
  | "has left"
  /** A message went to somebody else, and was taken back. */
  | "wrong recipient"
  /** A message went to somebody else, and could not be taken back. */
  | "not taken back"
  /** A reply came, but it does not look like one from a plainchat server. */
  | "strange reply"
  /** No reply came. The server may have done what it was asked to do, or not. */
  | "no reply"
  /** The server itself does not know whether it was done: it lost its database at that moment (a 503). */
  | "outcome unknown";

export interface ChatErrorFacts {
  reason: ChatErrorReason;
  status: number;
  step?: string | undefined;
  field?: string | undefined;
  requestId?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/**
 * Its `message` is a sentence for people: what is wrong, and what to do about it.
 *
 * @example
 * try {
 *   await ada.publishMessage({ userHandle: "nobody", message: "hello" });
 * } catch (error) {
 *   if (!(error instanceof ChatError)) throw error;
 *   console.log(error.status, error.message); // 404 There is no user with this handle.
 *   console.log(error.reason); // unknown handle
 * }
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly reason: ChatErrorReason;
  /** The status of the reply; 0 when there was none. */
  readonly status: number;
  /** The step of docs/spec.md where the server stopped, such as "chat.post.5.1". */
  readonly step: string | undefined;
  /** The input that is wrong. */
  readonly field: string | undefined;
  /** Look for this number in the server's log to find out more. */
  readonly requestId: string | undefined;
  /** How many seconds to wait before another try, if the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(sentence: string, { reason, status, step, field, requestId, retryAfterSeconds, cause }: ChatErrorFacts) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.status = status;
    this.step = step;
    this.field = field;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The error in a reply that is not 200. @param text its body. @param url the server's address. */
export function errorInReply(reply: Response, text: string, url: string): ChatError {
  if (isRedirect(reply)) return redirected(reply, url);
  const seconds = Number(reply.headers.get("retry-after") ?? Number.NaN);
  const problem = readObject(text);
  const { reason, sentence } = whatWentWrong(reply.status, problem, text);
  return new ChatError(sentence, {
    reason,
    status: reply.status,
    step: stringIn(problem, "step"),
    field: stringIn(problem, "field"),
    requestId: reply.headers.get("request-id") ?? undefined,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  });
}

/** Whether the server may have done what it was asked to do, or not. A proxy's 502 and 504 are such errors, too. */
export function leavesInDoubt({ reason, status }: ChatError): boolean {
  return status === 0 || status === 502 || status === 504 || reason === "outcome unknown";
}

/** The error when no reply came: the server is down, the network is broken, or it took too long. */
export function noReply(url: string, cause: unknown): ChatError {
  const tooLong = cause instanceof DOMException && cause.name === "TimeoutError";
  const sentence = tooLong
    ? `${url} took too long to answer. Is the network all right?`
    : `${url} cannot be reached. Is the server running, and is the address right?`;
  return new ChatError(sentence, { reason: "no reply", status: 0, cause });
}

/** A 200, and yet not what a plainchat server answers. @param sentence what is wrong with it. */
export function strangeReply(sentence: string): ChatError {
  return new ChatError(`${sentence} Is it a plainchat server?`, { reason: "strange reply", status: 200 });
}

/** A browser does not say more about a redirect than that it is one. */
function isRedirect({ status, type }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400);
}

/** It is not followed: the other server may not be the one that the request was meant for. */
function redirected(reply: Response, url: string): ChatError {
  const location = reply.headers.get("location");
  const elsewhere = location === null ? "another address" : location;
  const sentence = `${url} says that the server is at ${elsewhere}. Nothing was sent there. If you know that address, use it instead.`;
  return new ChatError(sentence, { reason: "strange reply", status: reply.status });
}

function whatWentWrong(
  status: number,
  problem: Record<string, unknown>,
  text: string,
): { reason: ChatErrorReason; sentence: string } {
  const detail = stringIn(problem, "detail");
  const isUnknown = stringIn(problem, "type") === "/problems/outcome-unknown";
  if (detail !== undefined) return { reason: isUnknown ? "outcome unknown" : "refused", sentence: detail };
  if (status === 404 && text === "")
    return { reason: "unknown handle", sentence: "There is no user with this handle." };
  return { reason: "strange reply", sentence: `The server answered ${status}. Is it a plainchat server?` };
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function stringIn(object: Record<string, unknown>, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}
