import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trace, TracedInput, TracedSender } from "../../client/trace.ts";
import { seenInClass } from "./seen-request.ts";

function traceOf(
  inputs: TracedInput[],
  { sender, method = "GET" }: { sender?: TracedSender; method?: string } = {},
): Trace {
  const request = { method, path: "/api/v1/chat", inputs, ...(sender && { sender }) };
  return { id: "1", at: "", operation: "chat.get", request, status: 400, steps: [] };
}

const seen = (trace: Trace) => seenInClass(trace, (id) => (id === 1 ? "ada" : undefined));

test("a value that is not shown stays readable in the query, and every other value is written as in a URL", () => {
  const inputs = [
    { name: "limt", characters: 1 },
    { name: "userHandle", value: "zoé & co (2)" },
    { name: "box", value: "(32 characters, not shown)" },
    { name: "limit" },
    { name: "a name (32 characters, not shown)", characters: 3 },
  ];
  assert.equal(
    seen(traceOf(inputs)).query,
    "?limt=(1)&userHandle=zo%C3%A9%20%26%20co%20(2)&box=(32 characters, not shown)&limit=…" +
      "&a%20name%20(32 characters, not shown)=(3)",
  );
});

test("a sender is named, and marked as long as nothing proves the name", () => {
  const who = (sender?: TracedSender) => {
    const request = seen(traceOf([], sender && { sender }));
    return [request.sender, request.isClaimed];
  };
  assert.deepEqual(who({ userId: 1, proved: true }), ["ada", false]);
  assert.deepEqual(who({ userId: 1, proved: false }), ["ada", true]);
  assert.deepEqual(who({ userId: 9, proved: false }), ["#9", true]);
  assert.deepEqual(who({ userHandle: "maya", proved: false }), ["maya", true]);
  assert.deepEqual(who(), ["?", false]);
});

test("a handle that somebody claims is shortened, and loses what nobody can see", () => {
  const { sender } = seen(
    traceOf([], { sender: { userHandle: `\u202e\u2069a\u200b\n${"m".repeat(100)}`, proved: false } }),
  );
  assert.equal(sender, `a${"m".repeat(63)}…`);
  assert.equal(seen(traceOf([], { sender: { userHandle: "\u200b", proved: false } })).sender, "?");
});
