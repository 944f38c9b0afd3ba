/**
 * The requests that the clients of a proof send. Before each request the ledger notes what may happen, and after a 200
 * what has happened. If no reply comes, the first note stays. So the ledger is right at any moment a server may die.
 */
import assert from "node:assert/strict";
import { type Reply, type Request, send } from "../../testing/request.ts";
import { type Client, credentials, type Ledger, type Server } from "./ledger.ts";

/**
 * Says that the power is off or the process is dead. From then on no reply counts. A machine without power would send
 * none, but here only the file system is shut down: the server goes on, and an fsync already under way may still
 * succeed.
 */
export interface Stopping {
  now: boolean;
  /** Whether the server may answer with 5xx, because the proof makes a system call fail. */
  mayFail?: boolean;
  /**
   * Whether it may answer 503, because its database is away. The client must be told when to try again, or that nobody
   * knows what has happened.
   */
  mayBeAway?: boolean;
}

/** There was no reply that says what has happened. */
export class Unanswered extends Error {
  /** The status of the reply, if there was one. */
  readonly status: number | undefined;
  /** Whether the reply says that nothing was done. Then that must be true. */
  nothingWasDone = false;

  constructor(why: string, status?: number, options?: ErrorOptions) {
    super(why, options);
    this.status = status;
  }
}

export class Actions {
  readonly #server: Server;
  readonly #ledger: Ledger;
  readonly #stopping: Stopping;

  constructor(server: Server, ledger: Ledger, stopping: Stopping) {
    this.#server = server;
    this.#ledger = ledger;
    this.#stopping = stopping;
  }

  /** Registers a client that will send and receive. */
  async join(handle: string, isSteady: boolean): Promise<Client> {
    const { userId, authToken } = (await this.#register(handle)).json;
    this.#ledger.others.delete(handle);
    const client = { userId, authToken, handle, handles: new Set([handle]), isChangingToken: false, isSteady };
    this.#ledger.clients.push(client);
    return client;
  }

  /** Registers a user who does nothing else. */
  async register(handle: string): Promise<{ userId: number; authToken: string }> {
    return (await this.#register(handle)).json;
  }

  async leave(handle: string, { userId, authToken }: { userId: number; authToken: string }): Promise<void> {
    const other = this.#ledger.others.get(handle);
    assert.ok(other !== undefined);
    other.state = "either";
    await this.#send({ method: "DELETE", path: "/api/v1/register", user: `${userId}:${authToken}` });
    other.state = "gone";
  }

  /** @param key an Idempotency-Key, if the message is to be sent again when no reply comes. */
  async publish(from: Client, to: Client, key?: string): Promise<number> {
    const message = this.#ledger.newText();
    this.#ledger.unknown.set(message, { from, to, key });
    const body = { userHandle: to.handle, message };
    const headers = key === undefined ? {} : { "idempotency-key": key };
    const request = { method: "POST", path: "/api/v1/chat", user: credentials(from), headers, body };
    const reply = await this.#send(request).catch((error) => {
      if (error instanceof Unanswered && error.nothingWasDone) this.#ledger.unknown.delete(message);
      throw error;
    });
    const { messageId } = reply.json;
    assert.ok(!this.#ledger.messages.has(messageId), `message id ${messageId} was given out twice`);
    this.#ledger.messages.set(messageId, { texts: new Set([message]), state: "there" });
    this.#ledger.unknown.delete(message);
    return messageId;
  }

  async edit(client: Client, messageId: number): Promise<void> {
    const known = this.#ledger.messages.get(messageId);
    assert.ok(known !== undefined);
    const message = this.#ledger.newText();
    known.texts.add(message);
    const body = { messageId, message };
    await this.#send({ method: "PATCH", path: "/api/v1/chat", user: credentials(client), body });
    known.texts = new Set([message]);
  }

  async remove(client: Client, messageId: number): Promise<void> {
    const known = this.#ledger.messages.get(messageId);
    assert.ok(known !== undefined);
    known.state = "either";
    await this.#send({ method: "DELETE", path: "/api/v1/chat", user: credentials(client), body: { messageId } });
    known.state = "gone";
  }

  async rename(client: Client, handle: string): Promise<void> {
    client.handles.add(handle);
    await this.#change(client, { userHandle: handle });
    client.handles = new Set([handle]);
    client.handle = handle;
  }

  async changeToken(client: Client): Promise<void> {
    client.isChangingToken = true;
    client.authToken = (await this.#change(client, { rotateAuth: true })).json.authToken;
    client.isChangingToken = false;
  }

  async changeBoth(client: Client, handle: string): Promise<void> {
    client.handles.add(handle);
    client.isChangingToken = true;
    client.authToken = (await this.#change(client, { userHandle: handle, rotateAuth: true })).json.authToken;
    client.isChangingToken = false;
    client.handles = new Set([handle]);
    client.handle = handle;
  }

  #change(client: Client, body: object): Promise<Reply> {
    return this.#send({ method: "PATCH", path: "/api/v1/register", user: credentials(client), body });
  }

  async #register(handle: string): Promise<Reply> {
    this.#ledger.unknownHandles.add(handle);
    const body = { secret: this.#server.secret, userHandle: handle };
    const reply = await this.#send({ method: "POST", path: "/api/v1/register", body });
    this.#ledger.takeUserId(reply.json.userId);
    this.#ledger.others.set(handle, { userId: reply.json.userId, state: "there" });
    this.#ledger.unknownHandles.delete(handle);
    return reply;
  }

  async #send(request: Request): Promise<Reply> {
    let reply: Reply;
    try {
      reply = await send(this.#server.origin, request);
    } catch (error) {
      throw new Unanswered("The connection broke", undefined, { cause: error });
    }
    if (this.#stopping.now) throw new Unanswered("The reply came too late");
    if (this.#stopping.mayFail === true && reply.status >= 500) throw new Unanswered(reply.text, reply.status);
    if (this.#stopping.mayBeAway === true && reply.status === 503) {
      const unanswered = new Unanswered(reply.text, reply.status);
      unanswered.nothingWasDone = JSON.parse(reply.text).type !== "/problems/outcome-unknown";
      if (unanswered.nothingWasDone) assert.match(String(reply.headers["retry-after"]), /^\d+$/);
      else assert.equal(reply.headers["retry-after"], undefined);
      throw unanswered;
    }
    assert.equal(reply.status, 200, reply.text);
    this.#ledger.acknowledged++;
    return reply;
  }
}
