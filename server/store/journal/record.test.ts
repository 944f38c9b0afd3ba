import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeRecord, encodeRecord, isIntact, type MessageRecord, messageEnd, messageStart } from "./record.ts";

const MESSAGE: MessageRecord = {
  op: "post",
  seq: 18,
  key: '"messageId":1',
  digest: "00ff00ff00ff00ff",
  messageId: 17,
  fromId: 1,
  fromHandle: "ada",
  toId: 2,
  toHandle: 'gr"ace',
  message: 'hi "there"\n\u2028 \u{1f600},"crc":"00000000"}',
  sentAt: "2030-01-02T03:04:05.678Z",
};

test("decodeRecord() returns what encodeRecord() wrote", () => {
  assert.deepEqual(decodeRecord(Buffer.from(encodeRecord(MESSAGE))), MESSAGE);
});

test("encodeRecord() writes exactly one line", () => {
  const line = encodeRecord(MESSAGE);
  assert.equal(line.indexOf("\n"), line.length - 1);
});

test("decodeRecord() refuses a line with any one byte changed", () => {
  // One ends with a text and one with a number: any other digit there makes another valid number.
  for (const record of [MESSAGE, { op: "leave", seq: 19, userId: 22 } as const]) {
    const line = Buffer.from(encodeRecord(record));
    for (let i = 0; i < line.length; i++) {
      for (const flip of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(line);
        changed[i] = (changed[i] ?? 0) ^ flip;
        assert.equal(decodeRecord(changed), undefined, `byte ${i}`);
      }
    }
  }
});

test("decodeRecord() refuses a line that is cut off anywhere", () => {
  const line = Buffer.from(encodeRecord(MESSAGE));
  for (let length = 0; length < line.length; length++) {
    assert.equal(decodeRecord(line.subarray(0, length)), undefined, `${length} bytes`);
  }
});

test("decodeRecord() refuses an intact line that is no record", () => {
  for (const value of [[], { op: "post", seq: 1 }, { op: "nothing", seq: 1 }, { op: "user", seq: -1, userId: 2 }]) {
    // @ts-expect-error: on purpose not a record
    assert.equal(decodeRecord(Buffer.from(encodeRecord(value))), undefined);
  }
});

test("messageStart() and messageEnd() cut out the message, whatever texts are in it", () => {
  const text = fc.string({ unit: "binary" }).filter((each) => each.isWellFormed());
  fc.assert(
    fc.property(text, text, text, (message, fromHandle, toHandle) => {
      const line = Buffer.from(encodeRecord({ ...MESSAGE, message, fromHandle, toHandle }));
      const {
        op: _op,
        seq: _seq,
        key: _key,
        digest: _digest,
        ...shown
      } = { ...MESSAGE, message, fromHandle, toHandle };
      assert.ok(isIntact(line));
      assert.deepEqual(JSON.parse(`{${line.toString("utf8", messageStart(line, 0), messageEnd(line.length))}}`), shown);
    }),
  );
});
