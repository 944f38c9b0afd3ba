/**
 * What is wrong with a database, in a sentence for the person who starts the server. It is no error of a request:
 * those are in store-errors.ts.
 */
export class DatabaseProblem extends Error {
  override readonly name = "DatabaseProblem";
}
