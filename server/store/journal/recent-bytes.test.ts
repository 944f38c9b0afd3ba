import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentBytes } from "./recent-bytes.ts";

const MAX_BYTES = 1_000_000;

/** A line of a length that differs from the last one's, with its number in it. */
function line(number: number): Buffer {
  return Buffer.from(`${String(number).padStart(10)}${"x".repeat((number * 7919) % 9000)}\n`);
}

test("what was added is known again, byte for byte, and only the oldest bytes are let go", () => {
  const recent = new RecentBytes(MAX_BYTES);
  const written: Buffer[] = [];
  let length = 0;
  for (let number = 0; number < 600; number++) {
    const bytes = line(number);
    recent.add(1, length, bytes);
    written.push(Buffer.from(bytes));
    length += bytes.length;
    // The bytes are the caller's own again: they may be written over.
    bytes.fill(0);
    if (number % 50 !== 0) continue;
    const { start, bytes: known } = recent.endOf(1) ?? assert.fail();
    const all = Buffer.concat(written);
    assert.deepEqual(known, all.subarray(start), `after ${number} lines`);
    assert.ok(known.length <= MAX_BYTES);
    assert.ok(known.length > Math.min(length, MAX_BYTES) - 10_000, "no more was let go than had to be");
  }
  assert.ok(length > 2 * MAX_BYTES, "there was something to let go");
});

test("bytes that were taken back are forgotten, and others may follow", () => {
  const recent = new RecentBytes(MAX_BYTES);
  recent.add(1, 0, Buffer.from("one\n"));
  recent.add(1, 4, Buffer.from("two\n"));
  recent.takeBack(1, 4);
  recent.add(1, 4, Buffer.from("three\n"));
  assert.deepEqual(recent.endOf(1), { start: 0, bytes: Buffer.from("one\nthree\n") });
});

test("a file that is forgotten leaves its room to the others", () => {
  const recent = new RecentBytes(10);
  recent.add(1, 0, Buffer.from("12345678\n"));
  recent.forget(1);
  recent.add(2, 0, Buffer.from("abcdefgh\n"));
  assert.equal(recent.endOf(1), undefined);
  assert.deepEqual(recent.endOf(2), { start: 0, bytes: Buffer.from("abcdefgh\n") });
});

test("more bytes than there is room for at once leave only their end", () => {
  const recent = new RecentBytes(6);
  recent.add(1, 0, Buffer.from("1\n3\n5\n7\n"));
  assert.deepEqual(recent.endOf(1), { start: 4, bytes: Buffer.from("5\n7\n") });
  recent.add(1, 8, Buffer.from("9\n"));
  assert.deepEqual(recent.endOf(1), { start: 6, bytes: Buffer.from("7\n9\n") });
});
