/**
 * The one error that the client throws, whatever went wrong: what the server refused, and that no reply came at all.
 */
export interface ChatErrorFacts {
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
 * }
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  /** The status of the reply; 0 when there was none. */
  readonly status: number;
  /** The step of docs/spec.md at which the server stopped, such as "chat.post.5.1". */
  readonly step: string | undefined;
  /** The input that is to blame. */
  readonly field: string | undefined;
  /** The server's log has the whole story under this number. */
  readonly requestId: string | undefined;
  /** Seconds after which it may work, where the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(sentence: string, { status, step, field, requestId, retryAfterSeconds, cause }: ChatErrorFacts) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.status = status;
    this.step = step;
    this.field = field;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The error in a reply that is not 200. @param text its body. */
export function errorInReply(reply: Response, text: string): ChatError {
  const problem = readObject(text);
  const seconds = Number(reply.headers.get("retry-after") ?? Number.NaN);
  const facts = {
    status: reply.status,
    step: stringIn(problem, "step"),
    field: stringIn(problem, "field"),
    requestId: reply.headers.get("request-id") ?? undefined,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  };
  const sentence = stringIn(problem, "detail") ?? (text === "" ? SENTENCES_OF_EMPTY[reply.status] : undefined);
  return new ChatError(sentence ?? `The server answered ${reply.status}. Is it a plainchat server?`, facts);
}

/** No reply came: the server is not there, the network is broken, or it took too long. */
export function noReply(url: string, cause: unknown): ChatError {
  const tooLong = cause instanceof DOMException && cause.name === "TimeoutError";
  const sentence = tooLong
    ? `${url} took too long to answer. Is the network all right?`
    : `${url} cannot be reached. Is the server running, and is the address right?`;
  return new ChatError(sentence, { status: 0, cause });
}

/** A 404 for an unknown handle has no body (ruling R8). */
const SENTENCES_OF_EMPTY: Record<number, string> = { 404: "There is no user with this handle." };

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
