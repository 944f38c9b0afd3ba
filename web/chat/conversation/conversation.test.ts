/**
 * Tests the window onto a conversation with a queue that changes while pages are being loaded. Whatever happens, in
 * whatever order, the window must show a part of the queue without a gap.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Message } from "../../../client/types.ts";
import { Conversation } from "./conversation.ts";

function message(messageId: number, text = `${messageId}`): Message {
  return { messageId, fromId: 1, fromHandle: "ada", toId: 2, toHandle: "grace", message: text, sentAt: "" };
}

/** A queue like the one on the server. Its pages arrive only when the test lets them. */
class Queue {
  messages: Message[] = [];
  #waiting: (() => void)[] = [];

  readPage = async ({
    after,
    before,
    limit,
  }: {
    after?: number;
    before?: number;
    limit: number;
  }): Promise<Message[]> => {
    const found = this.messages.filter(({ messageId }) => {
      return messageId > (after ?? 0) && messageId < (before ?? Number.POSITIVE_INFINITY);
    });
    const page = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return page;
  };

  async letPagesCome(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#waiting.shift()?.();
      await new Promise(setImmediate);
    }
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("send" as const), count: fc.integer({ min: 1, max: 80 }) }),
    fc.record({
      do: fc.constantFrom("edit" as const, "remove" as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.record({ do: fc.constantFrom("newest", "older", "newer", "refresh", "come") }),
  ),
  { maxLength: 40 },
);

test("the window shows a part of the queue without a gap, however pages and events overlap", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const queue = new Queue();
      const conversation = new Conversation(queue.readPage);
      const loads: Promise<void>[] = [conversation.loadNewest()];
      let lastId = 0;
      for (const step of history) {
        if (step.do === "send") {
          for (let i = 0; i < step.count; i++) {
            lastId++;
            queue.messages.push(message(lastId));
            conversation.put(message(lastId));
          }
        } else if (step.do === "edit" || step.do === "remove") {
          const place = Math.min(Math.floor(step.at * queue.messages.length), queue.messages.length - 1);
          const found = queue.messages[place];
          if (found === undefined) continue;
          if (step.do === "edit") {
            queue.messages[place] = message(found.messageId, "edited");
            conversation.put(message(found.messageId, "edited"));
          } else {
            queue.messages.splice(place, 1);
            conversation.remove(({ messageId }) => messageId === found.messageId);
          }
        } else if (step.do === "newest") loads.push(conversation.loadNewest());
        else if (step.do === "older") loads.push(conversation.loadOlder());
        else if (step.do === "newer") loads.push(conversation.loadNewer());
        else if (step.do === "refresh") loads.push(conversation.refresh());
        else await queue.letPagesCome();
      }
      await queue.letPagesCome();
      await Promise.all(loads);
      const seen = conversation.messages;
      assert.ok(seen.length <= 200);
      const from = queue.messages.findIndex(({ messageId }) => messageId === seen[0]?.messageId);
      if (seen.length > 0) assert.deepEqual(seen, queue.messages.slice(from, from + seen.length));
      if (!conversation.hasNewer && seen.length > 0)
        assert.equal(seen.at(-1)?.messageId, queue.messages.at(-1)?.messageId);
      if (!conversation.hasOlder && seen.length > 0) assert.equal(from, 0);
    }),
    { numRuns: 2000 },
  );
});
