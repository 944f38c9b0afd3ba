/**
 * Tests that texts go from what the page shows already, and that what is gone is found wherever it shows.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trace } from "../../client/trace.ts";
import { isAbout, isBetween, lineWithoutText, mentions, traceWithoutTexts } from "./without-texts.ts";

const line = (messageId: number, message: string) =>
  `{"op":"post","seq":18,"key":"(not shown)","digest":"ab","messageId":${messageId},"fromId":1,"fromHandle":"ada \\"toId\\":9","toId":2,"toHandle":"grace","message":${JSON.stringify(message)},"sentAt":"2030-01-02T12:00:00.000Z","crc":"9f3a0c1b"}`;

function traceOf(text: string): Trace {
  const excerpt = { bytes: 900, from: 0, text };
  const source = { file: "a.ts", line: 1, code: "" };
  const files = [
    { path: "messages/000001.jsonl", did: "read", before: excerpt, after: excerpt },
    { path: "users/1.json", did: "read", before: null, after: { ...excerpt, text: '{"userHandle":"ada"}' } },
  ] as const;
  return {
    id: "1",
    at: "",
    operation: "chat.get",
    request: {
      method: "POST",
      path: "/",
      inputs: [
        { name: "userHandle", value: "grace" },
        { name: "message", value: "hé 👋" },
      ],
    },
    status: 200,
    steps: [
      { id: "1", sentence: "", source, outcome: "pass", milliseconds: 1, files: files.map((each) => ({ ...each })) },
    ],
  };
}

test("no text, checksum or digest is left in a trace, and everything else stays", () => {
  const trace = traceOf(
    `${line(7, "a secret")}\n{"op":"delete","seq":2,"messageId":7,"crc":"11"}\n${line(8, "x").slice(0, -40)}`,
  );
  const covered = traceWithoutTexts(trace);
  const text = JSON.stringify(covered);
  for (const hidden of ["a secret", "hé", "9f3a0c1b", '\\"ab\\"', '\\"x']) assert.ok(!text.includes(hidden), hidden);
  for (const kept of ["(8 characters)", "(4 characters)", "grace", "ada", '\\"crc\\":\\"11\\"'])
    assert.ok(text.includes(kept), kept);
  assert.deepEqual(traceWithoutTexts(covered), covered, "what is covered keeps its length");
  assert.ok(JSON.stringify(trace).includes("a secret"), "the original stays as it is");
});

test("a message that is gone is found in a trace and in a line, also where the line is cut", () => {
  const trace = traceOf(`${line(6, "one")}\n${line(7, "two").slice(0, -50)}`);
  assert.deepEqual(
    [{ messageId: 6 }, { messageId: 7 }, { messageId: 8 }, { toId: 2 }, { toId: 1 }, { toId: 9 }].map((gone) =>
      mentions(trace, gone),
    ),
    [true, true, false, true, false, false],
  );
  assert.equal(isAbout('{"op":"delete","messageId":7,"fromId":1,"toId":2}', { messageId: 7 }), false);
  assert.ok(isBetween(line(7, ""), new Set([2])) && !isBetween(line(7, ""), new Set([3, 9])));
  assert.equal(JSON.parse(lineWithoutText(line(7, "two"))).message, "(3 characters)");
});

test("the rows of a database are covered in the same way", () => {
  const row = (id: number, message: string) =>
    JSON.stringify({ message_id: id, from_id: 1, to_id: 2, message, digest: "ab", is_to_all: false });
  const trace = traceOf("");
  const files = ["messages row 7", "events row 9"].map((path) => {
    const after = { bytes: 90, from: 0, text: row(7, "a secret") };
    return { path, did: "created", before: null, after } as const;
  });
  const head = { path: "head", did: "changed", before: null, after: { bytes: 9, from: 0, text: '{"seq":9}' } } as const;
  trace.steps.forEach((step) => {
    step.files = [...files, head];
  });
  const covered = traceWithoutTexts(trace).steps[0]?.files ?? [];
  for (const file of covered.slice(0, 2)) {
    const { message, digest, ...rest } = JSON.parse(file.after?.text ?? "");
    assert.deepEqual([message, digest], ["(8 characters)", "(not shown)"]);
    assert.deepEqual(rest, { message_id: 7, from_id: 1, to_id: 2, is_to_all: false }, "a row has no checksum");
  }
  assert.deepEqual(covered[2], head);
  assert.deepEqual(
    [{ messageId: 7 }, { messageId: 8 }, { toId: 2 }, { toId: 1 }].map((gone) => mentions(trace, gone)),
    [true, false, true, false],
  );
  assert.ok(isBetween(row(7, ""), new Set([2])) && !isBetween(row(7, ""), new Set([7])));
});
