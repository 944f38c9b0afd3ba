import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Frame, readFrames } from "./event-stream.ts";

function bodyOf(pieces: Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new Uint8Array(piece));
      controller.close();
    },
  });
}

async function framesIn(text: string, cuts: number[] = []): Promise<Frame[]> {
  const bytes = new TextEncoder().encode(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((end, i) => bytes.slice(places[i], end));
  return Array.fromAsync(readFrames(bodyOf(pieces)));
}

const frame = (given: Partial<Frame>): Frame => ({
  id: undefined,
  event: "message",
  data: "",
  retry: undefined,
  ...given,
});

for (const [what, text, frames] of [
  ["an event", "id: 1\nevent: edit\ndata: {}\n\n", [frame({ id: "1", event: "edit", data: "{}" })]],
  ["an id alone", "id: 5\n\n", [frame({ id: "5" })]],
  ["a retry time", "retry: 1000\n\n", [frame({ retry: 1000 })]],
  ["lines with no space after the colon, and with two", "data:a\ndata:  b\n\n", [frame({ data: "a\n b" })]],
  ["a comment and unknown fields", ": hello\nfoo: bar\ndata: x\n\n", [frame({ data: "x" })]],
  [
    "all three kinds of line ending",
    "data: a\r\n\r\ndata: b\r\rdata: c\n\n",
    [frame({ data: "a" }), frame({ data: "b" }), frame({ data: "c" })],
  ],
  ["no frame that is cut off", "data: a\n\ndata: b\n", [frame({ data: "a" })]],
  ["an id with a NUL character as no id", "id: 1\0\ndata: a\n\n", [frame({ data: "a" })]],
] as const) {
  test(`readFrames() reads ${what}`, async () => {
    assert.deepEqual(await framesIn(text), frames);
  });
}

test("readFrames() reads the same frames wherever the bytes are split", async () => {
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom("id: ", "event: ", "data: ", ":", "x"), fc.stringMatching(/^[a-z é\u{1f600}]{0,8}$/u))
      .map((parts) => parts.join("")),
    fc.constant(""),
  );
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 20 })
    .map((lines) => lines.flat().join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 8 }), async (each, cuts) => {
      assert.deepEqual(await framesIn(each, cuts), await framesIn(each));
    }),
  );
});
