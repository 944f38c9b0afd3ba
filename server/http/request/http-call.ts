/**
 * A request as an operation sees it: the Call of steps/call.ts, with the values that came over HTTP. The fast path and
 * answer.ts make one for each request.
 */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Call, Inputs, Peer } from "../../steps/call.ts";
import { gatherInputs } from "./inputs.ts";
import { type ExampleCall, nothingSent } from "./nothing-sent.ts";

/** The parts of a request that both Fastify and the fast path have. */
interface ReceivedRequest {
  readonly body: unknown;
  readonly query: unknown;
  readonly headers: IncomingHttpHeaders;
  /** The client's address. Only Fastify knows it. */
  readonly ip?: string;
  readonly socket?: Socket;
}

/** A proxy adds one of these. */
const ADDED_BY_PROXIES = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via"];
const HTTP_PORT = 80;

export class HttpCall implements Call {
  step = "";
  readonly #request: ReceivedRequest;
  readonly #response: ServerResponse;
  readonly #example: ExampleCall;
  #ended: AbortController | undefined;

  /** @param example the call, for a client that has sent nothing. */
  constructor(request: ReceivedRequest, response: ServerResponse, example: ExampleCall) {
    this.#request = request;
    this.#response = response;
    this.#example = example;
  }

  readInputs(): Inputs {
    const { body, query, headers } = this.#request;
    const inputs = gatherInputs({
      body,
      query,
      authorization: headers.authorization,
      isForTeacher: this.#example.isForTeacher,
    });
    if (inputs === undefined) throw nothingSent(this.#example, headers);
    return inputs;
  }

  get idempotencyKey(): string | undefined {
    const key = this.#request.headers["idempotency-key"];
    return Array.isArray(key) ? key.join(",") : key;
  }

  get lastEventId(): string | undefined {
    const id = this.#request.headers["last-event-id"];
    return Array.isArray(id) ? id.join(",") : id;
  }

  /** The route must not be on the fast path, which does not know it. */
  get peer(): Peer {
    const { ip = "", socket, headers } = this.#request;
    // Behind a router or a proxy, clients reach the server at another port than the one where it listens.
    const [, written] = /:(\d{1,5})$/.exec(headers.host ?? "") ?? [];
    return {
      address: ip,
      serverPorts: [socket?.localPort ?? 0, Number(written ?? HTTP_PORT)],
      isPassedOn: ADDED_BY_PROXIES.some((name) => headers[name] !== undefined),
    };
  }

  /** Made only when an operation asks for it, because only a fetch that finds nothing needs it. */
  get ended(): AbortSignal {
    if (this.#ended !== undefined) return this.#ended.signal;
    const ended = new AbortController();
    this.#ended = ended;
    // Watch the response, not the connection: a connection stays open and carries many requests.
    if (this.#response.closed) ended.abort();
    else this.#response.once("close", () => ended.abort());
    return ended.signal;
  }
}
