/**
 * A call is one request on its way through an operation. The HTTP edge makes one for each request; an operation sees
 * nothing else of the request, so it can be read, and tested, without knowing HTTP.
 */

/** What the client sent: the names and values of the "Inputs" in docs/spec.md, not yet checked. */
export type Inputs = Record<string, unknown>;

export interface Call {
  /**
   * The id of the step being done, as it stands in docs/spec.md: `register.post.1.3`.
   * An operation assigns it before each step. Without explain that is a plain property, so a step costs an
   * assignment; a call that is being explained has a setter of the same name, and the operation does not notice.
   */
  step: string;

  /**
   * Reads the inputs from body, query string and `Authorization: Basic`.
   * @throws {Refusal} 400 when the body is not JSON, or one input is given twice with different values.
   */
  readInputs(): Inputs;

  /** The value of the header `Idempotency-Key`, where the client sent one. */
  readonly idempotencyKey: string | undefined;

  /** The value of the header `Last-Event-ID`, where the client sent one. */
  readonly lastEventId: string | undefined;

  /** Aborted when the client hangs up or the server stops: a call that waits must stop waiting. */
  readonly ended: AbortSignal;
}
