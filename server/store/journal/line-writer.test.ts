import assert from "node:assert/strict";
import { test } from "node:test";
import { LineWriter } from "./line-writer.ts";

test("LineWriter writes every line once and in order, in few pieces", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => Buffer.from(`${i} ${"x".repeat(300)}\n`));
  const pieces: Buffer[] = [];
  const writer = new LineWriter(async (piece) => void pieces.push(piece));
  for (const line of lines) await writer.add(line);
  await writer.flush();
  const all = Buffer.concat(lines);
  assert.ok(Buffer.concat(pieces).equals(all));
  assert.deepEqual([writer.lines, writer.bytes], [lines.length, all.length]);
  assert.equal(pieces.length, Math.ceil(all.length / (256 * 1024)));
});

test("LineWriter waits only when a piece is written", async () => {
  const writer = new LineWriter(async () => {});
  assert.equal(writer.add(Buffer.from("short\n")), undefined);
  assert.ok(writer.add(Buffer.alloc(256 * 1024)) instanceof Promise);
});
