import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trace } from "../../client/trace.ts";
import { HeardMessages } from "./heard-messages.ts";

/** A trace of which only what it appended to the journal counts. */
function traceOf(...lines: object[]): Trace {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const after = { bytes: text.length, from: 0, text };
  const files = [
    { path: "users/1.dat", did: "read", before: null, after: { bytes: 32, from: 0, text: null } },
    { path: "messages/000001.jsonl", did: "appended to", before: null, after },
  ];
  return { steps: [{ files }, { files: [] }] } as unknown as Trace;
}

const post = (messageId: number, facts: object = {}) => ({
  ...{ op: "post", seq: messageId, messageId, fromId: 2, fromHandle: "ada", toId: 3, toHandle: "grace" },
  ...{ message: `number ${messageId}`, sentAt: "2030-01-02T12:00:00.000Z", crc: "00000000" },
  ...facts,
});
const texts = (heard: HeardMessages, userId = 2) => heard.of(userId).map(({ message }) => message);

test("the last messages of each pupil are kept, newest first, as they are now", () => {
  const heard = new HeardMessages();
  heard.hear(traceOf(post(1), post(2, { fromId: 4 })));
  heard.hear(traceOf(post(3)));
  heard.hear(traceOf({ ...post(1), op: "edit", seq: 9, message: "changed" }));
  assert.deepEqual([texts(heard), texts(heard, 4), texts(heard, 5)], [["number 3", "changed"], ["number 2"], []]);
  for (let id = 10; id < 40; id++) heard.hear(traceOf(post(id)));
  assert.equal(heard.of(2).length, 10);
  assert.equal(heard.of(2)[0]?.message, "number 39");
});

test("what is gone is forgotten, and what is no message of a pupil is not kept", () => {
  const heard = new HeardMessages();
  heard.hear(traceOf(post(1), post(2), post(3, { toId: 7 }), post(4, { isToAll: true }), { op: "leave", userId: 2 }));
  assert.deepEqual(texts(heard), ["number 3", "number 2", "number 1"]);
  heard.remove({ messageId: 2 });
  heard.remove({ toId: 7 });
  assert.deepEqual(texts(heard), ["number 1"]);
  const broken = traceOf(post(9));
  const [file] = broken.steps[0]?.files.slice(1) ?? [];
  if (file?.after) file.after = { ...file.after, text: `id":8,"message":"half"}\n${JSON.stringify(post(9))}\n` };
  heard.hear(broken);
  assert.deepEqual(texts(heard), ["number 9", "number 1"]);
});

test("of a database, a row of `messages` that was created or changed is a message", () => {
  const heard = new HeardMessages();
  const rowOf = (path: string, did: string, facts: object) => {
    const row = { message_id: 7, from_id: 2, to_id: 3, to_handle: "grace", message: "hello", sent_at: "now", ...facts };
    const text = JSON.stringify({ ...row, is_to_all: false, ...facts });
    return {
      steps: [{ files: [{ path, did, before: null, after: { bytes: 9, from: 0, text } }] }],
    } as unknown as Trace;
  };
  heard.hear(rowOf("messages row 7", "created", {}));
  assert.deepEqual(heard.of(2), [
    { messageId: 7, fromId: 2, toId: 3, toHandle: "grace", message: "hello", sentAt: "now" },
  ]);
  heard.hear(rowOf("messages row 7", "changed", { message: "changed" }));
  heard.hear(rowOf("messages row 8", "created", { message_id: 8, is_to_all: true }));
  heard.hear(rowOf("messages row 9", "read", { message_id: 9 }));
  heard.hear(rowOf("events row 9", "created", { message_id: 10 }));
  assert.deepEqual(texts(heard), ["changed"]);
});
