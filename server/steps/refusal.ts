/**
 * A refusal is an answer that the specification foresees: a 400, 403, 404 and so on. Operations and checks throw it,
 * and one place, http/reply/problem.ts, turns it into a reply. Everything else that is thrown is a fault of ours.
 */
export class Refusal extends Error {
  /** The HTTP status to answer with. */
  readonly status: number;
  /** The input that is to blame, where it is one input. */
  readonly field: string | undefined;
  /** After how many seconds another try makes sense, where waiting helps. */
  readonly retryAfterSeconds: number | undefined;
  /** True for the one refusal that the specification wants without a body: an unknown handle (ruling R8). */
  readonly emptyBody: boolean;

  /** @param sentence What is wrong and what to do about it, for someone a month into programming. */
  constructor(
    status: number,
    sentence: string,
    field?: string,
    { retryAfterSeconds, emptyBody = false }: { retryAfterSeconds?: number; emptyBody?: boolean } = {},
  ) {
    super(sentence);
    this.name = "Refusal";
    this.status = status;
    this.field = field;
    this.retryAfterSeconds = retryAfterSeconds;
    this.emptyBody = emptyBody;
  }
}
