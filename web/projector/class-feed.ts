/**
 * The requests of the class, for the wall to show one after the other. A class sends faster than anybody can watch, so
 * requests wait for their turn (fair-queue.ts), and the more wait, the shorter each is shown (pace.ts). While the wall
 * is paused, nothing on it moves.
 */
import type { Trace } from "../../client/trace.ts";
import { Player } from "../glass/player.ts";
import { type SeenRequest, seenInClass } from "../glass/seen-request.ts";
import { FairQueue } from "./fair-queue.ts";
import { paceOf } from "./pace.ts";

/** How many of the last requests stay on the wall. */
const MAX_SHOWN = 8;

/** A request on the wall. */
export interface ShownRequest extends SeenRequest {
  trace: Trace;
  /** For how many requests of the same sender it stands. */
  count: number;
}

export class ClassFeed {
  /** The requests that had their turn, newest first. The dot moves in the first one. */
  readonly shown: ShownRequest[] = [];
  readonly waiting = new FairQueue<ShownRequest>();
  /** How many were left out: nothing stands for them. */
  leftOut = 0;
  isPaused = false;
  readonly player: Player;
  readonly #handleOf: (userId: number) => string | undefined;
  readonly #onChange: () => void;
  #showing = { since: 0, fullWayMilliseconds: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(handleOf: (userId: number) => string | undefined, onChange: () => void) {
    this.#handleOf = handleOf;
    this.#onChange = onChange;
    this.player = new Player(onChange);
  }

  add(trace: Trace): void {
    // The requests that thirty pages send by themselves would leave no room for what people do.
    if (trace.request.background === true) return;
    const request = { ...seenInClass(trace, this.#handleOf), trace, count: 1 };
    this.leftOut += this.waiting.add(`${request.isClaimed} ${request.sender}`, request);
    this.#hurry();
    this.#onChange();
  }

  pauseOrGoOn(): void {
    this.isPaused = !this.isPaused;
    if (this.isPaused) {
      clearTimeout(this.#timer);
      this.player.pause();
      // Before its first step, the dot shows nothing.
      if (this.player.position < 0 && this.player.way.length > 0) this.player.moveTo(0);
    } else {
      this.#showing.since = performance.now();
      if (!this.player.isAtEnd) this.player.play();
      this.#hurry();
    }
    this.#onChange();
  }

  /** Shows the next request, even if the one before has not reached its end. */
  next(): void {
    const next = this.waiting.next();
    if (next !== undefined) this.#show({ ...next.item, count: next.count });
  }

  /** Shows the newest request, and none of those that wait before it. */
  skipToNewest(): void {
    const newest = this.waiting.skipToNewest();
    if (newest === undefined) return;
    this.#show(newest);
  }

  /** Changes every request, on the wall and waiting, or takes it away if `change` returns undefined. */
  changeAll(change: (trace: Trace) => Trace | undefined): void {
    const changed = (request: ShownRequest) => {
      const trace = change(request.trace);
      if (trace === undefined || trace === request.trace) return trace && request;
      return { ...request, ...seenInClass(trace, this.#handleOf), trace };
    };
    this.waiting.changeAll(changed);
    const before = this.shown.splice(0);
    this.shown.push(...before.flatMap((request) => changed(request) ?? []));
    const [first] = this.shown;
    // Another one is first now: it has had its turn.
    if (first?.key !== before[0]?.key) {
      this.player.show(first?.trace);
      this.player.moveTo(this.player.way.length - 1);
    } else if (first !== undefined && first.trace !== this.player.trace) this.player.replace(first.trace);
    this.#onChange();
  }

  /** For another class. */
  clear(): void {
    clearTimeout(this.#timer);
    this.waiting.clear();
    this.shown.length = 0;
    this.leftOut = 0;
    this.isPaused = false;
    this.player.show(undefined);
  }

  #show(request: ShownRequest): void {
    clearTimeout(this.#timer);
    this.shown.unshift(request);
    if (this.shown.length > MAX_SHOWN) this.shown.pop();
    this.player.show(request.trace);
    this.#showing = { since: performance.now(), fullWayMilliseconds: this.player.restOfWayMilliseconds };
    if (this.isPaused) this.player.moveTo(this.player.way.length - 1);
    this.#hurry();
  }

  /** Something has come, or the one before is over: says how long the current one may stay. */
  #hurry(): void {
    if (this.isPaused) return;
    clearTimeout(this.#timer);
    const [current] = this.shown;
    if (current === undefined) {
      this.next();
      return;
    }
    const failures = this.waiting.items.filter(isFailure).length;
    const waiting = { failures, successes: this.waiting.length - failures };
    const pace = paceOf({ isFailure: isFailure(current), waiting, ...this.#showing });
    const passed = performance.now() - this.#showing.since;
    this.player.arriveAfter(pace.wayMilliseconds - passed);
    if (this.waiting.length > 0) this.#timer = setTimeout(() => this.next(), pace.milliseconds - passed);
  }
}

function isFailure({ status }: SeenRequest): boolean {
  return (status ?? 0) >= 400;
}
