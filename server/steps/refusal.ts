/**
 * A refusal is an error reply that the specification defines, such as a 400, a 403 or a 404. Operations and checks
 * throw it, and only http/reply/problem.ts turns it into a reply. Any other error is a fault of the server.
 */
export class Refusal extends Error {
  /** The HTTP status of the reply. */
  readonly status: number;
  /** The input that is wrong, if it is a single one. */
  readonly field: string | undefined;
  /** After how many seconds the client should retry, if waiting helps. */
  readonly retryAfterSeconds: number | undefined;
  /** True for the only refusal without a body in the specification: an unknown handle (ruling R8). */
  readonly emptyBody: boolean;

  /** @param sentence what is wrong and what to do about it, for a reader who started programming a month ago. */
  constructor(status: number, sentence: string, field?: string, more: More = {}) {
    // Error keeps the sentence, as `message`.
    super(sentence);
    this.name = "Refusal";
    this.status = status;
    this.field = field;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.emptyBody = more.emptyBody ?? false;
  }
}

/** What only a few refusals have. */
interface More {
  retryAfterSeconds?: number;
  emptyBody?: boolean;
}
