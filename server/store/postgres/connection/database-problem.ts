/**
 * What is wrong with a database, in a sentence for the person who starts the server, and what this person can do about
 * it. It is no error of a request: those are in store-errors.ts.
 */
export class DatabaseProblem extends Error {
  override readonly name = "DatabaseProblem";
  /** What to do, in a sentence, if the message does not say it. */
  readonly advice: string;

  constructor(message: string, advice = "") {
    super(message);
    this.advice = advice;
  }
}
