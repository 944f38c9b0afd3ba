/**
 * A call is one request as an operation sees it. The folder http makes one for each request. An operation must not know
 * more about the request, so you can read and test it without knowing HTTP.
 */

/** What the client sent: the names and values of the "Inputs" in docs/spec.md, not yet checked. */
export type Inputs = Record<string, unknown>;

/** Where a request came from, as far as the server can know. */
export interface Peer {
  /** The IP address of the client; behind a trusted proxy, the one that the proxy has added. */
  readonly address: string;
  /** The ports at which clients reach this server. */
  readonly serverPorts: readonly number[];
  /** Some program has passed the request on, and says so in a header. */
  readonly isPassedOn: boolean;
}

export interface Call {
  /**
   * The id of the current step in docs/spec.md, such as `register.post.1.3`. An operation assigns it before each step.
   * Normally it is a plain property, so a step costs one assignment. An explained call has a setter with the same name,
   * and the operation does not notice.
   */
  step: string;

  /**
   * Reads the inputs from body, query string and `Authorization: Basic`.
   * @throws {Refusal} 400 if the body is not JSON, or one input is given twice with different values.
   */
  readInputs(): Inputs;

  /** The value of the header `Idempotency-Key`, if the client sent one. */
  readonly idempotencyKey: string | undefined;

  /** The value of the header `Last-Event-ID`, if the client sent one. */
  readonly lastEventId: string | undefined;

  /** Where the request came from. Only the call that sends something there asks for it. */
  readonly peer: Peer;

  /** Aborted when the client hangs up or the server stops. A call that waits must stop waiting then. */
  readonly ended: AbortSignal;
}
