/**
 * A request as an operation sees it: the Call of steps/call.ts, made of a Fastify request.
 */
import type { FastifyRequest } from "fastify";
import type { Call, Inputs } from "../steps/call.ts";
import { gatherInputs } from "./inputs.ts";

export class HttpCall implements Call {
  step = "";
  readonly #request: FastifyRequest;

  constructor(request: FastifyRequest) {
    this.#request = request;
  }

  readInputs(): Inputs {
    const { body, query, headers } = this.#request;
    return gatherInputs({ body, query, authorization: headers.authorization });
  }

  get idempotencyKey(): string | undefined {
    const key = this.#request.headers["idempotency-key"];
    return Array.isArray(key) ? key.join(",") : key;
  }

  /** Made when an operation asks for it: only a fetch that waits does. */
  get ended(): AbortSignal {
    const controller = new AbortController();
    const { socket } = this.#request.raw;
    if (socket.destroyed) controller.abort();
    else {
      const abort = () => controller.abort();
      socket.once("close", abort);
      // A connection carries many requests: what listens for this one must not stay behind.
      controller.signal.addEventListener("abort", () => socket.off("close", abort));
      this.#request.raw.once("close", () => socket.off("close", abort));
    }
    return controller.signal;
  }
}
