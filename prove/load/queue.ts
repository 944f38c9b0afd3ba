/**
 * One queue as two people use it: one publishes and removes, the other reads. Proofs use it that make requests fail on
 * purpose, so it returns every reply unchanged.
 */
import assert from "node:assert/strict";
import { type Reply, type Request, send } from "../../testing/request.ts";
import { type Client, credentials, type Ledger, type Server } from "./ledger.ts";

export class Queue {
  readonly #server: Server;
  readonly #from: Client;
  readonly #to: Client;

  /** A queue between the first two clients of a ledger. */
  constructor(server: Server, { clients: [to, from] }: Ledger) {
    assert.ok(to !== undefined && from !== undefined);
    this.#server = server;
    this.#from = from;
    this.#to = to;
  }

  publish(message: string): Promise<Reply> {
    return this.#send({ method: "POST", body: { userHandle: this.#to.handle, message } });
  }

  remove(messageId: number): Promise<Reply> {
    return this.#send({ method: "DELETE", body: { messageId } });
  }

  register(userHandle: string): Promise<Reply> {
    const body = { secret: this.#server.secret, userHandle };
    return send(this.#server.origin, { method: "POST", path: "/api/v1/register", body });
  }

  /** All messages in it. Reading must always succeed. */
  async read(): Promise<{ messageId: number; message: string }[]> {
    const messages: { messageId: number; message: string }[] = [];
    for (;;) {
      const path = `/api/v1/chat?limit=200&after=${messages.at(-1)?.messageId ?? 0}`;
      const { status, text, json } = await send(this.#server.origin, { path, user: credentials(this.#to) });
      assert.equal(status, 200, text);
      if (json.messages.length === 0) return messages;
      messages.push(...json.messages);
    }
  }

  #send(request: Pick<Request, "method" | "body">): Promise<Reply> {
    return send(this.#server.origin, { ...request, path: "/api/v1/chat", user: credentials(this.#from) });
  }
}
