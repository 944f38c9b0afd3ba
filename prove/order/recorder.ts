/**
 * Sends the requests of the clients and records when each was called, what came back, and when. A reply that no
 * operation can get is thrown at once, because no search is needed to call it wrong.
 */
import type { Reply, ReplyBody } from "../../testing/request.ts";
import type { Fetch, Operation, SeenMessage } from "./checker/history.ts";
import { type ChatRequest, exchange } from "./exchange.ts";
import type { Break } from "./plan.ts";
import type { DyingServer, Person } from "./server-that-dies.ts";

export interface By {
  client: number;
  queue: number;
}

export interface KnownMessage {
  messageId: number;
  sender: Person;
}

export class Recorder {
  readonly operations: Operation[] = [];
  readonly recipients: Person[];
  /** For each queue: the messages that some client knows, removed or not. */
  readonly known: KnownMessage[][];
  isOver = false;
  readonly #server: DyingServer;
  readonly #senders: Person[];
  #moments = 0;
  #texts = 0;

  constructor(server: DyingServer, senders: Person[], recipients: Person[]) {
    this.#server = server;
    this.#senders = senders;
    this.recipients = recipients;
    this.known = recipients.map(() => []);
  }

  /** A key. It is also the text of its message. */
  nextKey(): string {
    return `k${this.#nextText()}`;
  }

  /** @returns whether a reply came. */
  async publish(by: By, key: string | undefined, breaks: Break | undefined): Promise<boolean> {
    const text = key ?? `p${this.#nextText()}`;
    const sender = this.#sender(by);
    const operation: Operation = { ...this.#call(by), kind: "publish", text, key, messageId: undefined };
    const reply = await this.#send(operation, breaks, {
      method: "POST",
      user: sender.user,
      body: { userHandle: this.#recipient(by).handle, message: text },
      // Each sender has its own keys, and senders live longer than a history.
      ...(key !== undefined && { headers: { "idempotency-key": `${key}-to-${this.#recipient(by).handle}` } }),
    });
    if (reply === undefined) return false;
    mustBe(reply, 200);
    operation.messageId = reply.json.messageId;
    this.#learn(by.queue, operation.messageId, sender);
    return true;
  }

  async edit(by: By, { messageId, sender }: KnownMessage, breaks: Break | undefined): Promise<void> {
    const text = `e${this.#nextText()}`;
    const operation: Operation = { ...this.#call(by), kind: "edit", messageId, text, isFound: undefined };
    const body = { messageId, message: text };
    const reply = await this.#send(operation, breaks, { method: "PATCH", user: sender.user, body });
    if (reply !== undefined) operation.isFound = mustBe(reply, 200, 404) === 200;
  }

  async remove(
    by: By,
    { messageId, sender }: KnownMessage,
    who: "sender" | "recipient",
    breaks: Break | undefined,
  ): Promise<void> {
    const operation: Operation = { ...this.#call(by), kind: "remove", messageId, isFound: undefined };
    const { user } = who === "sender" ? sender : this.#recipient(by);
    const reply = await this.#send(operation, breaks, { method: "DELETE", user, body: { messageId } });
    if (reply !== undefined) operation.isFound = mustBe(reply, 200, 404) === 200;
  }

  async fetch(
    by: By,
    { after, limit }: { after: number; limit: number },
    breaks: Break | undefined,
  ): Promise<SeenMessage[] | undefined> {
    const operation: Fetch = { ...this.#call(by), kind: "fetch", after, limit, messages: undefined };
    const path = `/api/v1/chat?after=${after}&limit=${limit}`;
    const reply = await this.#send(operation, breaks, { method: "GET", path, user: this.#recipient(by).user });
    if (reply === undefined) return undefined;
    mustBe(reply, 200);
    const shown: (ReplyBody["messages"][number] & { editedAt?: string })[] = reply.json.messages;
    for (const { messageId, fromId } of shown) {
      const sender = this.#senders.find(({ userId }) => userId === fromId);
      if (sender === undefined) throw new Error(`Message ${messageId} is from ${fromId}, who sent nothing`);
      this.#learn(by.queue, messageId, sender);
    }
    operation.messages = shown.map(({ messageId, message, editedAt }) => ({
      messageId,
      text: message,
      isEdited: editedAt !== undefined,
    }));
    return operation.messages;
  }

  async #send(operation: Operation, breaks: Break | undefined, request: ChatRequest): Promise<Reply | undefined> {
    const origin = await this.#server.origin();
    operation.called = this.#moment();
    this.operations.push(operation);
    const reply = await exchange(origin, request, { agent: this.#server.agent, breaks });
    if (reply?.status === 503 && this.#server.mayBeAway) return undefined;
    if (reply !== undefined) operation.replied = this.#moment();
    return reply;
  }

  #call(by: By): By & { called: number; replied: number } {
    return { ...by, called: 0, replied: Number.POSITIVE_INFINITY };
  }

  #moment(): number {
    this.#moments++;
    return this.#moments;
  }

  #nextText(): number {
    this.#texts++;
    return this.#texts;
  }

  #learn(queue: number, messageId: number, sender: Person): void {
    const known = this.known[queue];
    if (known?.some((each) => each.messageId === messageId) === false) known.push({ messageId, sender });
  }

  #sender({ client }: By): Person {
    return existing(this.#senders[client]);
  }

  #recipient({ queue }: By): Person {
    return existing(this.recipients[queue]);
  }
}

function existing(person: Person | undefined): Person {
  if (person === undefined) throw new Error("This person does not exist");
  return person;
}

function mustBe(reply: Reply, ...statuses: number[]): number {
  if (!statuses.includes(reply.status)) throw new Error(`Not foreseen: ${reply.status} ${reply.text}`);
  return reply.status;
}
