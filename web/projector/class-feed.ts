/**
 * The requests of the class, for the wall to show one after the other. A class sends faster than anybody can watch, so
 * requests wait for their turn. When too many wait, the oldest are left out and counted.
 */
import type { Trace } from "../../client/trace.ts";
import { Player } from "../glass/player.ts";
import { type SeenRequest, seenInClass } from "../glass/seen-request.ts";

/** How many of the last requests stay on the wall. */
const MAX_SHOWN = 8;
/** How many requests can wait. */
const MAX_WAITING = 50;
/** How long a request stays at its last step before the next one is shown. */
const REST_MILLISECONDS = 700;

export class ClassFeed {
  /** The requests that had their turn, newest first. The dot moves in the first one. */
  readonly shown: SeenRequest[] = [];
  readonly waiting: SeenRequest[] = [];
  /** How many were left out. */
  leftOut = 0;
  isPaused = false;
  readonly player: Player;
  readonly #handleOf: (userId: number) => string | undefined;
  readonly #onChange: () => void;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(handleOf: (userId: number) => string | undefined, onChange: () => void) {
    this.#handleOf = handleOf;
    this.#onChange = onChange;
    this.player = new Player(() => {
      this.#restIfDone();
      onChange();
    });
  }

  add(trace: Trace): void {
    // The requests that thirty pages send by themselves would leave no room for what people do.
    if (trace.request.background === true) return;
    this.waiting.push(seenInClass(trace, this.#handleOf));
    if (this.waiting.length > MAX_WAITING) {
      this.waiting.shift();
      this.leftOut++;
    }
    this.#restIfDone();
    this.#onChange();
  }

  pauseOrGoOn(): void {
    this.isPaused = !this.isPaused;
    if (this.isPaused) {
      clearTimeout(this.#resting);
      this.#resting = undefined;
      this.player.pause();
    } else if (this.player.isAtEnd) this.#restIfDone();
    else this.player.play();
    this.#onChange();
  }

  /** Shows the next request, even if the one before has not reached its end. */
  next(): void {
    clearTimeout(this.#resting);
    this.#resting = undefined;
    const request = this.waiting.shift();
    if (request === undefined) return;
    this.shown.unshift(request);
    if (this.shown.length > MAX_SHOWN) this.shown.pop();
    this.player.show(request.trace);
    if (this.isPaused) this.player.moveTo(this.player.way.length - 1);
  }

  /** When the dot is at its end and a request is waiting, shows that one after a short rest. */
  #restIfDone(): void {
    const isDone = !this.player.isPlaying && this.player.isAtEnd;
    if (!isDone || this.isPaused || this.waiting.length === 0 || this.#resting !== undefined) return;
    this.#resting = setTimeout(() => this.next(), this.shown.length === 0 ? 0 : REST_MILLISECONDS);
  }
}
