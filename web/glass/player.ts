/**
 * Plays what the server did with a request: a dot goes from step to step, slowly enough to follow. The user can pause
 * it, move it by hand and play it again. If the system asks for less motion, the dot is at the end at once.
 */
import type { Trace, TracedStep } from "../../client/trace.ts";

/** A real step takes microseconds, too fast to see. */
const STEP_MILLISECONDS = 130;
/** For a step with files, so that there is time to look at them. */
const STEP_WITH_FILES_MILLISECONDS = 650;

export class Player {
  trace: Trace | undefined;
  isPlaying = false;
  /** The index of the dot among the reached steps; -1 before the first. */
  position = -1;
  readonly #onChange: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The steps that were reached, in order. */
  get way(): TracedStep[] {
    return this.trace?.steps.filter(({ outcome }) => outcome !== "not reached") ?? [];
  }

  get step(): TracedStep | undefined {
    return this.way[this.position];
  }

  get isAtEnd(): boolean {
    return this.position >= this.way.length - 1;
  }

  /** Shows another request and plays it. */
  show(trace: Trace | undefined): void {
    this.trace = trace;
    this.replay();
  }

  replay(): void {
    this.position = -1;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.moveTo(this.way.length - 1);
    else this.play();
  }

  play(): void {
    if (this.isAtEnd) this.position = -1;
    this.isPlaying = this.way.length > 0;
    this.#goOn();
  }

  pause(): void {
    this.isPlaying = false;
    this.#goOn();
  }

  /** Moves the dot by hand. */
  moveTo(position: number): void {
    this.position = Math.max(0, Math.min(position, this.way.length - 1));
    this.pause();
  }

  moveToStep(id: string): void {
    const position = this.way.findIndex((step) => step.id === id);
    if (position !== -1) this.moveTo(position);
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    if (this.isAtEnd) this.isPlaying = false;
    if (this.isPlaying) {
      const hasFiles = (this.step?.files.length ?? 0) > 0;
      this.#timer = setTimeout(
        () => {
          this.position++;
          this.#goOn();
        },
        hasFiles ? STEP_WITH_FILES_MILLISECONDS : STEP_MILLISECONDS,
      );
    }
    this.#onChange();
  }
}
