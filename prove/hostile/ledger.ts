/**
 * Keeps what the server has acknowledged: which messages are in whose queue, and which were removed. At the end the
 * queues must hold exactly this. A request without a reply may have been carried out or not, and is counted separately.
 */
import assert from "node:assert/strict";
import { send } from "../../testing/request.ts";
import type { RawReply } from "./reply-reader.ts";
import type { Cast } from "./requests/calls.ts";

export class Ledger {
  readonly #published = new Map<number, number>();
  readonly #removed = new Set<number>();
  #mayBePublished = 0;
  #mayBeRemoved = 0;
  #cast: Cast;

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  /** @param reply undefined if none came. */
  note({ method, target }: { method: string; target: string }, reply: RawReply | undefined): void {
    if (reply === undefined) {
      if (method === "POST") this.#mayBePublished++;
      if (method === "DELETE") this.#mayBeRemoved++;
      return;
    }
    if (reply.status !== 200 || !/chat|%/.test(target)) return;
    if (method !== "POST" && method !== "DELETE") return;
    const { userId, messageId } = JSON.parse(reply.body.toString());
    if (messageId === undefined) return;
    if (method === "DELETE") this.#removed.add(messageId);
    else {
      this.#published.set(messageId, userId);
      const { messageIds } = this.#cast;
      if (messageIds.length < 200) messageIds.push(messageId);
      else messageIds[messageId % 200] = messageId;
    }
  }

  /** Compares this ledger with the queues. @returns how many messages are in them. */
  async compare(origin: string): Promise<number> {
    let found = 0;
    let unknown = 0;
    let missing = 0;
    for (const { userId, authToken, userHandle } of this.#cast.good) {
      const present = await queueOf(origin, `${userId}:${authToken}`);
      found += present.size;
      for (const messageId of present) {
        assert.ok(
          !this.#removed.has(messageId),
          `message ${messageId} was removed, but it is in the queue of ${userHandle}`,
        );
        if (this.#published.get(messageId) !== userId) unknown++;
      }
      for (const [messageId, toId] of this.#published) {
        if (toId === userId && !present.has(messageId) && !this.#removed.has(messageId)) missing++;
      }
    }
    const unsure = `${this.#mayBePublished} publications and ${this.#mayBeRemoved} removals got no reply`;
    assert.ok(missing <= this.#mayBeRemoved, `${missing} acknowledged messages are missing; ${unsure}`);
    assert.ok(unknown <= this.#mayBePublished, `${unknown} messages were never acknowledged; ${unsure}`);
    return found;
  }
}

/** The ids of all messages that this user has received. */
export async function queueOf(origin: string, user: string): Promise<Set<number>> {
  const ids = new Set<number>();
  for (let after = 0; ; ) {
    const { status, json, text } = await send(origin, { path: `/api/v1/chat?after=${after}&limit=200`, user });
    assert.equal(status, 200, text);
    for (const { messageId } of json.messages) ids.add(messageId);
    const last = json.messages.at(-1);
    if (last === undefined) return ids;
    after = last.messageId;
  }
}
