/**
 * Explain: on request, what the server does with a request is recorded step by step, kept for a while under an id that
 * nobody can guess, and, in class mode, told to those who watch. A request that nobody asks about costs nothing: it is
 * done with the plain call and the plain store, and this part never hears of it.
 */
import { randomBytes } from "node:crypto";
import type { Call } from "../steps/call.ts";
import type { Clock } from "../steps/random-and-clock.ts";
import type { Observed, Witness } from "../store/contract.ts";
import { ExplainedCall } from "./explained-call.ts";
import { Feed } from "./feed.ts";
import { readSteps } from "./step-list.ts";
import { TraceRecorder } from "./trace-recorder.ts";

/** So many traces are kept; the oldest makes room. */
export const MAX_TRACES = 200;
/** 128 bits: nobody guesses one. */
const ID_BYTES = 16;

/** What is known of a request before it begins. */
export interface RequestToExplain {
  /** Such as "chat.post". */
  operation: string;
  method: string;
  path: string;
  /** Whether a program says that nobody has asked for this one. */
  isBackground: boolean;
}

/** A request that is being explained. */
export interface Explanation {
  /** The parts of the store that it is to be done with. */
  observed: Observed;
  /** The call that its operation is to be given. */
  callFor(call: Call): Call;
  /** Keeps the trace. @param reason why the request was refused, where it was. @returns what its reply may carry. */
  end(status: number, reason?: string): { serverTiming: string; traceId: string };
}

export class Explain {
  /** Only in class mode. */
  readonly feed: Feed | undefined;
  readonly #observedBy: (witness: Witness) => Observed;
  readonly #clock: Clock;
  readonly #steps = readSteps();
  /** The oldest first. */
  readonly #traces = new Map<string, string>();

  constructor(options: { observedBy: (witness: Witness) => Observed; clock: Clock; isClass: boolean }) {
    this.#observedBy = options.observedBy;
    this.#clock = options.clock;
    this.feed = options.isClass ? new Feed() : undefined;
  }

  begin(request: RequestToExplain): Explanation {
    const recorder = new TraceRecorder(() => performance.now());
    const at = new Date(this.#clock.now()).toISOString();
    const finish = (status: number, reason?: string) => {
      const traceId = randomBytes(ID_BYTES).toString("base64url");
      const serverTiming = recorder.serverTiming();
      const steps = this.#steps.get(request.operation) ?? [];
      const json = recorder.toJson({ id: traceId, at, ...request }, steps, { status, reason });
      this.#keep(traceId, json);
      this.feed?.tell(json);
      return { serverTiming, traceId };
    };
    let ended: ReturnType<typeof finish> | undefined;
    return {
      observed: this.#observedBy(recorder),
      callFor: (call) => new ExplainedCall(call, recorder),
      // Once: where sending the reply fails, the request has been told already.
      end: (status, reason) => {
        ended ??= finish(status, reason);
        return ended;
      },
    };
  }

  /** A trace as JSON, or undefined when it is not kept, or not any more. */
  trace(id: string): string | undefined {
    return this.#traces.get(id);
  }

  #keep(id: string, json: string): void {
    this.#traces.set(id, json);
    const [oldest] = this.#traces.keys();
    if (this.#traces.size > MAX_TRACES && oldest !== undefined) this.#traces.delete(oldest);
  }
}
