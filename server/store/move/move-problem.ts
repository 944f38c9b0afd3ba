/**
 * Why data cannot be moved, in a sentence for the person at the terminal. Nothing has changed then.
 */
export class MoveProblem extends Error {
  override readonly name = "MoveProblem";
}
