import assert from "node:assert/strict";
import { test } from "node:test";
import { BoxList } from "./box-list.ts";

const partnerOf = (slot: number) => slot % 3;

function fill(messages: number): BoxList {
  const box = new BoxList();
  for (let slot = 0; slot < messages; slot++) box.add(slot, partnerOf(slot));
  return box;
}

for (const messages of [100, 5000]) {
  test(`BoxList with ${messages} messages finds the messages with one other user`, () => {
    const box = fill(messages);
    const range = { from: 10, to: Number.POSITIVE_INFINITY, limit: 3, newest: false };
    assert.deepEqual(box.slots(range, 1, partnerOf), [10, 13, 16]);
    const newest = { from: 0, to: 50, limit: 3, newest: true };
    assert.deepEqual(box.slots(newest, 1, partnerOf), [43, 46, 49]);
  });

  test(`BoxList with ${messages} messages stays right when messages come and go after a search`, () => {
    const box = fill(messages);
    const everything = { from: 0, to: Number.POSITIVE_INFINITY, limit: 2, newest: false };
    box.slots(everything, 2, partnerOf);
    box.remove(2, 2);
    box.add(messages * 3 + 2, 2);
    assert.deepEqual(box.slots(everything, 2, partnerOf), [5, 8]);
    const end = { from: messages, to: Number.POSITIVE_INFINITY, limit: 2, newest: false };
    assert.deepEqual(box.slots(end, 2, partnerOf), [messages * 3 + 2]);
    assert.deepEqual(box.slots(end, 77, partnerOf), []);
  });
}
