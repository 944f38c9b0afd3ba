/**
 * The progress of a move, a backup or a restore of a database, in one line of the terminal: first everything is copied,
 * then everything is checked.
 */
import type { StepProgress } from "../server/store/move/move-to-database.ts";
import { count } from "./context.ts";
import { ProgressLine } from "./progress.ts";

const WORDS = { copying: "Copying", checking: "Checking" };

export class StepLine {
  #step: keyof typeof WORDS | undefined;
  #line: ProgressLine | undefined;

  readonly show: StepProgress = (step, done, of) => {
    if (step !== this.#step) {
      this.end();
      this.#line = new ProgressLine(WORDS[step], (messages) => count(messages, "message"));
      this.#step = step;
    }
    this.#line?.show(done, of);
  };

  end(): void {
    this.#line?.end();
  }
}
