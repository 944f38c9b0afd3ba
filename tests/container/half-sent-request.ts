/**
 * A request with only its headers and half of its body sent. This is what a client on a slow network looks like to a
 * server that is told to stop. The container test sends the other half after `docker stop`.
 */
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

const TIME_LIMIT_MS = 15_000;

export class HalfSentRequest {
  readonly #request: ClientRequest;
  readonly #rest: Buffer;
  readonly #reply: Promise<{ status: number | undefined; body: string }>;

  private constructor(request: ClientRequest, rest: Buffer) {
    this.#request = request;
    this.#rest = rest;
    this.#reply = replyOf(request);
    // The server may hang up before anybody waits for the reply. finish() then throws.
    this.#reply.catch(() => {});
  }

  /** Sends the headers and half of the body to a port of this machine, over a new connection. */
  static async send(port: number, path: string, inputs: object): Promise<HalfSentRequest> {
    const body = Buffer.from(JSON.stringify(inputs));
    const half = Math.floor(body.length / 2);
    const headers = { "Content-Type": "application/json", "Content-Length": body.length };
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const sending = request({ host: "127.0.0.1", port, path, method: "POST", headers, agent: false, signal });
    const halfSent = new HalfSentRequest(sending, body.subarray(half));
    await new Promise<void>((resolve, reject) => {
      sending.write(body.subarray(0, half), (error) => (error ? reject(error) : resolve()));
    });
    return halfSent;
  }

  /** Sends the other half. @returns the reply. @throws {Error} if the server has hung up. */
  finish(): Promise<{ status: number | undefined; body: string }> {
    this.#request.end(this.#rest);
    return this.#reply;
  }
}

async function replyOf(request: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [reply] = (await once(request, "response")) as [IncomingMessage];
  return { status: reply.statusCode, body: await text(reply) };
}
