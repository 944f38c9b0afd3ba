import assert from "node:assert/strict";
import { test } from "node:test";
import type { LastRequest } from "../../client/teacher-types.ts";
import type { Trace, TracedSender, TracedStep } from "../../client/trace.ts";
import { FailedTraces } from "./failed-traces.ts";

const AT = Date.parse("2030-01-02T12:00:00.000Z");
const iso = (seconds: number) => new Date(AT + seconds * 1000).toISOString();
const step = (id: string, outcome: TracedStep["outcome"]): TracedStep => ({
  id,
  sentence: "",
  source: { file: "", line: 1, code: "" },
  outcome,
  milliseconds: null,
  files: [],
});

function trace(id: string, facts: { at?: number; status?: number; stop?: string; sender?: TracedSender } = {}): Trace {
  const { at = 0, status = 400, stop = "chat.post.1.8", sender = { userId: 7, proved: false } } = facts;
  return {
    id,
    at: iso(at),
    operation: "chat.post",
    request: { method: "POST", path: "/api/v1/chat", sender, inputs: [] },
    status,
    steps: [step("chat.post.1.1", "pass"), step(stop, status < 400 ? "pass" : "stop")],
  };
}

const refused = (at: number, stop = "chat.post.1.8"): LastRequest => ({
  at: iso(at),
  operation: "chat.post",
  status: 400,
  step: stop,
});

test("the trace of a pupil's last failed request is found by who, when and where", () => {
  const traces = new FailedTraces();
  traces.hear(trace("theirs", { sender: { userId: 8, proved: true } }));
  traces.hear(trace("good", { status: 200 }));
  traces.hear(trace("old", { at: -300 }));
  traces.hear(trace("right"));
  traces.hear(trace("elsewhere", { stop: "chat.post.1.9" }));
  assert.equal(traces.find(7, refused(0.02))?.id, "right");
  assert.equal(traces.find(7, refused(0.02, "chat.post.1.9"))?.id, "elsewhere");
  // A request may wait for a minute before it is refused.
  assert.equal(traces.find(7, refused(60))?.id, "right");
});

test("a trace that is not there, or no longer, is not replaced by another one", () => {
  const traces = new FailedTraces();
  assert.equal(traces.find(7, refused(0)), undefined);
  traces.hear(trace("first"));
  for (let i = 1; i <= 3; i++) traces.hear(trace(`later-${i}`, { at: 200 * i }));
  assert.equal(traces.find(7, refused(0)), undefined);
  assert.equal(traces.find(7, refused(600))?.id, "later-3");
});

test("a request that somebody else sent in a pupil's name does not hide the pupil's own", () => {
  const traces = new FailedTraces();
  traces.hear(trace("own", { sender: { userId: 7, proved: true } }));
  traces.hear(trace("claimed", { at: 0.5 }));
  assert.equal(traces.find(7, refused(0.6))?.id, "own");
});

test("the text of a message that is gone goes from a trace that shows it, and from no other", () => {
  const line = (messageId: number) => `{"type":"message","messageId":${messageId},"toId":3,"message":"Zebras"}\n`;
  const showing = (id: string, at: number, messageId: number): Trace => {
    const text = line(messageId);
    const after = { bytes: text.length, from: 0, text };
    const files = [{ path: "messages/1.jsonl", did: "read" as const, before: null, after }];
    return { ...trace(id, { at }), steps: [{ ...step("chat.post.1.8", "stop"), files }] };
  };
  const traces = new FailedTraces();
  const textAt = (at: number) => traces.find(7, refused(at))?.steps[0]?.files[0]?.after?.text ?? "";
  traces.hear(showing("one", 0, 1));
  traces.hear(showing("two", 300, 2));
  traces.cover({ messageId: 1 });
  assert.match(textAt(0), /"\(6 characters\)"/);
  assert.match(textAt(300), /Zebras/);
  traces.cover({ toId: 3 });
  assert.doesNotMatch(textAt(300), /Zebras/);
  // After a lost connection nobody knows what is gone.
  traces.hear(showing("three", 600, 3));
  traces.cover(undefined);
  assert.doesNotMatch(textAt(600), /Zebras/);
});
