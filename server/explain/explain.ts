/**
 * Explain records what the server does with a request, step by step, if the client asks for it. It keeps the trace for
 * a while under an id that nobody can guess, and in class mode sends it to everyone who watches. Other requests cost
 * nothing: they run with the plain call and the plain store, and never come here.
 */
import { hash, randomBytes } from "node:crypto";
import type { Call, Inputs } from "../steps/call.ts";
import type { Clock } from "../steps/random-and-clock.ts";
import type { Observed, Witness } from "../store/contract.ts";
import { type ClassParts, ClassView, type KeptTrace } from "./class-view.ts";
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
  end(status: number, reason?: string): Promise<{ serverTiming: string; traceId: string }>;
}

interface ExplainOptions {
  observedBy: (witness: Witness) => Observed;
  clock: Clock;
  /** Undefined unless the server is in class mode. */
  class?: ClassParts | undefined;
}

export class Explain {
  /** Undefined unless the server is in class mode. */
  readonly feed: Feed | undefined;
  readonly #observedBy: (witness: Witness) => Observed;
  readonly #clock: Clock;
  readonly #steps = readSteps();
  readonly #class: { parts: ClassParts; view: ClassView } | undefined;
  readonly #askedFor = new TraceShelf<KeptTrace>(MAX_ASKED_FOR);
  readonly #others = new TraceShelf<KeptTrace>(MAX_OTHERS);

  constructor(options: ExplainOptions) {
    this.#observedBy = options.observedBy;
    this.#clock = options.clock;
    const parts = options.class;
    this.#class = parts && { parts, view: new ClassView(parts) };
    this.feed = parts && new Feed();
  }

  begin(request: RequestToExplain): Explanation {
    const recorder = new TraceRecorder(() => performance.now());
    recorder.read(request.readable);
    const at = new Date(this.#clock.now()).toISOString();
    const observed = this.#observedBy(recorder);
    const finish = async (status: number, reason?: string) => {
      const traceId = randomBytes(ID_BYTES).toString("base64url");
      const serverTiming = recorder.serverTiming();
      const steps = this.#steps.get(request.operation) ?? [];
      const teacherId = await this.#teacherId();
      const id = this.#class === undefined ? traceId : idForClass(traceId);
      const showsRows = observed.showsRows === true;
      const traced = { id, at, teacherId, showsRows, ...request };
      const kept = recorder.toKeep(traced, steps, { status, reason }, this.#class !== undefined);
      const { userId, proved } = kept.sender ?? {};
      // Only a proved id counts: a loop could name, or register, somebody else each time.
      const owner = proved === true && userId !== undefined ? `user ${userId}` : `address ${request.address}`;
      const shelf = request.isAskedFor && !request.isBackground ? this.#askedFor : this.#others;
      shelf.keep(id, kept, { owner, operation: request.operation });
      await this.#tellFeed(kept);
      return { serverTiming, traceId };
    };
    let ended: ReturnType<typeof finish> | undefined;
    return {
      observed,
      callFor: (call) => new ExplainedCall(call, recorder),
      // Only once: if sending the reply fails afterwards, the trace has already gone out.
      end: (status, reason) => {
        ended ??= finish(status, reason);
        return ended;
      },
    };
  }

  /**
   * @param isTeacher whether the teacher reads it.
   * @returns a trace as JSON, or undefined if there is no such trace, no longer, or none that this reader may see.
   */
  async trace(id: string, isTeacher = false): Promise<string | undefined> {
    const ofClass = this.#find(id);
    if (this.#class === undefined) return ofClass?.json;
    const { view } = this.#class;
    if (ofClass !== undefined) return isTeacher ? view.forTeacher(ofClass) : view.forClass(ofClass);
    const kept = this.#find(idForClass(id));
    if (kept === undefined) return undefined;
    const json = await (isTeacher ? view.forTeacher(kept) : view.forAsker(kept));
    return json.replace(idForClass(id), id);
  }

  /** Undefined if the store cannot say. The request must get its reply all the same. */
  async #teacherId(): Promise<number | undefined> {
    try {
      const decisions = await this.#class?.parts.classroom.decisions();
      return decisions?.teacherId;
    } catch {
      return undefined;
    }
  }

  /** If the store cannot say what each watcher may see, nobody sees this trace. */
  async #tellFeed(kept: KeptTrace): Promise<void> {
    if (this.#class === undefined || this.feed?.isWatched !== true) return;
    const { view } = this.#class;
    try {
      const [forClass, forTeacher] = [await view.forClass(kept), await view.forTeacher(kept)];
      await this.feed.tell(forClass, forTeacher);
    } catch {
      this.feed.miss();
    }
  }

  #find(id: string): KeptTrace | undefined {
    return this.#askedFor.get(id) ?? this.#others.get(id);
  }
}

/**
 * The id under which the class sees a trace. It cannot be turned back into the id that only the sender of the request
 * got. So when the teacher hides a pupil, others can no longer open the traces that they have seen, but the pupil can.
 */
function idForClass(traceId: string): string {
  return hash("sha256", traceId, "base64url").slice(0, traceId.length);
}
