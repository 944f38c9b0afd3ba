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
  /** How long the dot stays at a step, compared with how long it usually does. */
  #slowness = 1;
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

  /** How long the dot takes from its place to the end, if nobody hurries it. */
  get restOfWayMilliseconds(): number {
    const begin = this.position < 0 ? timeAt(undefined) : 0;
    // At the last step, the dot has arrived.
    return this.way.slice(Math.max(0, this.position), -1).reduce((sum, step) => sum + timeAt(step), begin);
  }

  /** Shows the same request with other texts, without moving the dot. */
  replace(trace: Trace): void {
    this.trace = trace;
    this.#onChange();
  }

  get isAtEnd(): boolean {
    return this.position >= this.way.length - 1;
  }

  /** Shows another request and plays it. */
  show(trace: Trace | undefined): void {
    this.trace = trace;
    this.#slowness = 1;
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

  /** Makes the dot arrive after this time. It goes no slower than usual. 0: it is at its end at once. */
  arriveAfter(milliseconds: number): void {
    const usual = this.restOfWayMilliseconds;
    this.#slowness = usual === 0 ? 1 : Math.min(1, milliseconds / usual);
    if (!this.isPlaying) return;
    if (milliseconds <= 0) this.moveTo(this.way.length - 1);
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
      this.#timer = setTimeout(() => {
        this.position++;
        this.#goOn();
      }, timeAt(this.step) * this.#slowness);
    }
    this.#onChange();
  }
}

/** So that there is time to look at the files of a step. */
function timeAt(step: TracedStep | undefined): number {
  return (step?.files.length ?? 0) > 0 ? STEP_WITH_FILES_MILLISECONDS : STEP_MILLISECONDS;
}
