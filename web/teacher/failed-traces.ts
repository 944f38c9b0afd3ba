/**
 * What the server did with the last requests of each pupil that failed. The list of pupils says at which step a request
 * stopped, and not under which address its trace is: so this finds the trace by who sent it, when, and where it stopped.
 */
import type { LastRequest } from "../../client/teacher-types.ts";
import type { Gone, Trace } from "../../client/trace.ts";
import { mentions, traceWithoutTexts } from "../glass/without-texts.ts";

/** A trace may be 100 KiB long. */
const KEPT_FOR_EACH = 3;
/** A class has fewer. */
const MAX_PUPILS = 500;
/** A trace has the time when its request came, and the list the time when it was answered: it may wait for a minute. */
const MAX_APART_MILLISECONDS = 70_000;
const CLOCK_MILLISECONDS = 1_000;

export class FailedTraces {
  /** By userId, newest first. */
  readonly #traces = new Map<number, Trace[]>();

  hear(trace: Trace): void {
    const userId = trace.request.sender?.userId;
    if (trace.status < 400 || userId === undefined) return;
    const kept = [trace, ...(this.#traces.get(userId) ?? [])].slice(0, KEPT_FOR_EACH);
    this.#traces.delete(userId);
    this.#traces.set(userId, kept);
    if (this.#traces.size <= MAX_PUPILS) return;
    const [oldest = 0] = this.#traces.keys();
    this.#traces.delete(oldest);
  }

  /** A message is gone: its text goes from every trace. @param gone undefined if nobody knows which ones are gone. */
  cover(gone: Gone | undefined): void {
    for (const [userId, traces] of this.#traces) {
      this.#traces.set(
        userId,
        traces.map((trace) => withoutGone(trace, gone)),
      );
    }
  }

  /** @returns undefined if it is no longer kept, or was never seen. */
  find(userId: number, { at, operation, status, step }: LastRequest): Trace | undefined {
    const found = this.#traces.get(userId)?.filter((trace) => {
      const before = Date.parse(at) - Date.parse(trace.at);
      const stop = trace.steps.find(({ outcome }) => outcome === "stop")?.id;
      const isSameTime = before >= -CLOCK_MILLISECONDS && before <= MAX_APART_MILLISECONDS;
      return isSameTime && trace.operation === operation && trace.status === status && (stop ?? step) === step;
    });
    // Somebody may only claim to be this pupil.
    return found?.find(({ request }) => request.sender?.proved) ?? found?.[0];
  }
}

/** @returns the same trace if it shows nothing of what is gone. */
export function withoutGone(trace: Trace, gone: Gone | undefined): Trace {
  return gone === undefined || mentions(trace, gone) ? traceWithoutTexts(trace) : trace;
}
