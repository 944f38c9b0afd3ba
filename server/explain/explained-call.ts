/**
 * A call that is being explained. It wraps the plain call and tells the recorder about each step that the operation
 * assigns, and about the inputs. The operation must not notice a difference.
 */
import type { Call, Inputs, Peer } from "../steps/call.ts";
import type { TraceRecorder } from "./trace-recorder.ts";

export class ExplainedCall implements Call {
  readonly #call: Call;
  readonly #recorder: TraceRecorder;

  constructor(call: Call, recorder: TraceRecorder) {
    this.#call = call;
    this.#recorder = recorder;
  }

  get step(): string {
    return this.#recorder.step;
  }

  set step(id: string) {
    this.#recorder.reach(id);
  }

  readInputs(): Inputs {
    const inputs = this.#call.readInputs();
    this.#recorder.read(inputs);
    return inputs;
  }

  get idempotencyKey(): string | undefined {
    return this.#call.idempotencyKey;
  }

  get lastEventId(): string | undefined {
    return this.#call.lastEventId;
  }

  get peer(): Peer {
    return this.#call.peer;
  }

  get ended(): AbortSignal {
    return this.#call.ended;
  }
}
