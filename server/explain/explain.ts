/**
 * Explain records what the server does with a request, step by step, if the client asks for it. It keeps the trace for
 * a while under an id that nobody can guess, and in class mode sends it to everyone who watches. Other requests cost
 * nothing: they run with the plain call and the plain store, and never come here.
 */
import { randomBytes } from "node:crypto";
import type { Call, Inputs } from "../steps/call.ts";
import type { Clock } from "../steps/random-and-clock.ts";
import type { Observed, Witness } from "../store/contract.ts";
import { ExplainedCall } from "./explained-call.ts";
import { Feed } from "./feed.ts";
import { readSteps } from "./step-list.ts";
import { TraceRecorder } from "./trace-recorder.ts";
import { TraceShelf } from "./trace-shelf.ts";

/** How many traces are kept of requests that asked for it: somebody has their address, and may still open them. */
export const MAX_ASKED_FOR = 200;
/** How many are kept of all others: what programs ask by themselves, and what only those see who watch the class. */
export const MAX_OTHERS = 100;
/** 128 bits: nobody can guess one. */
const ID_BYTES = 16;

/** What is known about a request before it begins. */
export interface RequestToExplain {
  /** Such as "chat.post". Empty if it reaches no call. */
  operation: string;
  method: string;
  path: string;
  /** Whether the client asked for the trace. If not, only those who watch the class see it. */
  isAskedFor: boolean;
  /** Whether a program sent it by itself, without a person asking for it. */
  isBackground: boolean;
  /** The client's address. */
  address: string;
  /** Whatever can be read of the inputs, even if the operation refuses them. */
  readable: Inputs;
}

/** A request that is being explained. */
export interface Explanation {
  /** The parts of the store that its operation must use. */
  observed: Observed;
  /** Makes the call that its operation must get. */
  callFor(call: Call): Call;
  /** Keeps the trace. @param reason why the request was refused, if it was. @returns values for the reply. */
  end(status: number, reason?: string): { serverTiming: string; traceId: string };
}

export class Explain {
  /** Undefined unless the server is in class mode. */
  readonly feed: Feed | undefined;
  readonly #observedBy: (witness: Witness) => Observed;
  readonly #clock: Clock;
  readonly #steps = readSteps();
  readonly #askedFor = new TraceShelf(MAX_ASKED_FOR);
  readonly #others = new TraceShelf(MAX_OTHERS);

  constructor(options: { observedBy: (witness: Witness) => Observed; clock: Clock; isClass: boolean }) {
    this.#observedBy = options.observedBy;
    this.#clock = options.clock;
    this.feed = options.isClass ? new Feed() : undefined;
  }

  begin(request: RequestToExplain): Explanation {
    const recorder = new TraceRecorder(() => performance.now());
    recorder.read(request.readable);
    const at = new Date(this.#clock.now()).toISOString();
    const finish = (status: number, reason?: string) => {
      const traceId = randomBytes(ID_BYTES).toString("base64url");
      const serverTiming = recorder.serverTiming();
      const steps = this.#steps.get(request.operation) ?? [];
      const json = recorder.toJson({ id: traceId, at, ...request }, steps, { status, reason });
      const { userId, proved } = recorder.sender(request, status) ?? {};
      // Only a proved id counts: a loop could name, or register, somebody else each time.
      const owner = proved === true && userId !== undefined ? `user ${userId}` : `address ${request.address}`;
      const shelf = request.isAskedFor && !request.isBackground ? this.#askedFor : this.#others;
      shelf.keep(traceId, json, { owner, operation: request.operation });
      this.feed?.tell(json);
      return { serverTiming, traceId };
    };
    let ended: ReturnType<typeof finish> | undefined;
    return {
      observed: this.#observedBy(recorder),
      callFor: (call) => new ExplainedCall(call, recorder),
      // Only once: if sending the reply fails afterwards, the trace has already gone out.
      end: (status, reason) => {
        ended ??= finish(status, reason);
        return ended;
      },
    };
  }

  /** @returns a trace as JSON, or undefined if there is no such trace, or no longer. */
  trace(id: string): string | undefined {
    return this.#askedFor.get(id) ?? this.#others.get(id);
  }
}
