/**
 * A client for the check of a pupil's own server by the class server: two calls of docs/spec.md that only the page of
 * the course needs.
 */
import type { CallOptions } from "./plainchat-client.ts";
import { type Connection, type ConnectionOptions, connectionTo, sendRequest } from "./request.ts";
import { boolean, caseId, count, id, list, object, oneOf, optional, text, yes } from "./shape.ts";
import type { Credentials } from "./types.ts";

/** The case that failed first. Its words are English. */
export interface FailedCase {
  case: string;
  title: string;
  steps: string[];
  mistakes: string[];
  request?: string;
  expected?: string;
  received: string;
  lookFirst?: string;
  hint: string;
  /** Nothing listens there. */
  isUnreachable?: true;
}

export interface CheckState {
  port: number;
  lesson: number;
  isRunning: boolean;
  done: number;
  total: number;
  /** The check goes on as soon as the pupil has stopped the server and started it again. */
  mustRestart: boolean;
  /** Why it ended before its time. */
  stopped?: "time" | "bytes" | "restart" | "fault";
  passed?: number;
  /** Cases that only a check on the pupil's own computer can run. */
  leftOut?: string[];
  failure?: FailedCase;
}

const failedCase = object<FailedCase>({
  case: caseId,
  title: text,
  steps: list(text),
  mistakes: list(text),
  request: optional(text),
  expected: optional(text),
  received: text,
  lookFirst: optional(text),
  hint: text,
  isUnreachable: optional(yes),
});
const checkState = object<CheckState>({
  port: id,
  lesson: id,
  isRunning: boolean,
  done: count,
  total: count,
  mustRestart: boolean,
  stopped: optional(oneOf("time", "bytes", "restart", "fault")),
  passed: optional(count),
  leftOut: optional(list(caseId)),
  failure: optional(failedCase),
});

const PATH = "/api/v1/class/checks";

export class CheckClient {
  readonly #connection: Connection;
  readonly #credentials: Credentials;

  constructor(url: string, { credentials, ...options }: ConnectionOptions & { credentials: Credentials }) {
    this.#connection = connectionTo(url, options);
    this.#credentials = credentials;
  }

  /**
   * Begins a check of the server at this computer. If others are first, it waits as often as `attempts` says.
   * @throws {ChatError} 400 for the class server's own port, 403 if the address is not certain.
   */
  begin(inputs: { port: number; lesson: number; secret: string }, { signal }: CallOptions = {}): Promise<CheckState> {
    const request = { method: "POST", path: PATH, inputs, isRepeatable: false, signal } as const;
    return sendRequest(this.#connection, { ...request, credentials: this.#credentials }, checkState);
  }

  /** How the last check goes, or how it went. @throws {ChatError} 404 when there was none. */
  find({ signal }: CallOptions = {}): Promise<CheckState> {
    const request = { method: "GET", path: PATH, isRepeatable: true, signal } as const;
    return sendRequest(this.#connection, { ...request, credentials: this.#credentials }, checkState);
  }
}
