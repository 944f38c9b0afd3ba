/**
 * Tests what the wall shows of the journal, and what goes from it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trace } from "../../client/trace.ts";
import { JournalLines } from "./journal-lines.ts";

/** The trace of a request that appended a message. */
function appended(messageId: number, fromId = 1, toId = 2): Trace {
  const line = `{"op":"post","messageId":${messageId},"fromId":${fromId},"toId":${toId},"message":"text ${messageId}","crc":"12345678"}`;
  const excerpt = { bytes: 9, from: 0, text: `${line}\n` };
  const files = [{ path: "messages/000001.jsonl", did: "appended to" as const, before: null, after: excerpt }];
  const source = { file: "", line: 1, code: "" };
  const steps = [{ id: "chat.post.7", sentence: "", source, outcome: "pass" as const, milliseconds: 1, files }];
  const request = { method: "POST", path: "/", inputs: [] };
  return { id: `${messageId}`, at: "", operation: "chat.post", request, status: 200, steps };
}

const messages = (lines: JournalLines) => lines.shown.map(({ text }) => JSON.parse(text).message);

test("the last lines are shown; while they are held, new ones wait, and never too many", () => {
  const lines = new JournalLines();
  for (let i = 1; i <= 20; i++) lines.add(appended(i));
  assert.deepEqual([messages(lines).length, messages(lines).at(-1)], [12, "text 20"]);
  lines.isHeld = true;
  for (let i = 21; i <= 400; i++) lines.add(appended(i));
  assert.equal(messages(lines).at(-1), "text 20");
  lines.isHeld = false;
  assert.deepEqual([messages(lines).length, messages(lines).at(-1)], [12, "text 400"]);
  assert.equal(new Set(lines.shown.map(({ key }) => key)).size, 12);
});

test("what is covered, gone or of a hidden pupil goes from the lines, also from those that wait", () => {
  const lines = new JournalLines();
  lines.add(appended(1));
  lines.add(appended(2, 3, 1));
  lines.isHeld = true;
  lines.add(appended(3));
  lines.add(appended(4, 1, 3));
  lines.add(appended(5, 2, 1));
  lines.removeGone({ messageId: 1 });
  lines.removeGone({ messageId: 3 });
  lines.removeBetween(new Set([3]));
  assert.deepEqual(messages(lines), ["(6 characters)"]);
  lines.showAll();
  assert.deepEqual(messages(lines), ["(6 characters)", "(6 characters)", "text 5"]);
  lines.coverTexts();
  assert.deepEqual(messages(lines), ["(6 characters)", "(6 characters)", "(6 characters)"]);
  assert.deepEqual(lines.traceIds, ["1", "3", "5"]);
  lines.replace(appended(3));
  assert.deepEqual(messages(lines), ["(6 characters)", "text 3", "(6 characters)"]);
  lines.clear();
  assert.deepEqual(messages(lines), []);
});

test("of a database, the rows of `events` are the lines, and nothing else that was created", () => {
  const trace = appended(7);
  const row = (text: string) => ({ bytes: 9, from: 0, text });
  const created = (path: string, text: string) => ({ path, did: "created" as const, before: null, after: row(text) });
  const event = { seq: 9, op: "message", message_id: 7, from_id: 1, to_id: 2, message: "text 7" };
  const files = [created("messages row 7", '{"message":"text 7"}'), created("events row 9", JSON.stringify(event))];
  const lines = new JournalLines();
  assert.equal(lines.areRows, false);
  lines.add({ ...trace, database: true, steps: trace.steps.map((step) => ({ ...step, files })) });
  assert.equal(lines.areRows, true);
  assert.deepEqual(
    lines.shown.map(({ text }) => JSON.parse(text)),
    [event],
  );
  lines.removeGone({ messageId: 7 });
  assert.deepEqual(JSON.parse(lines.shown[0]?.text ?? ""), { ...event, message: "(6 characters)" });
});
