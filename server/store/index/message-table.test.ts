import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageTable } from "./message-table.ts";

/** A few more rows than a block of the table has. */
const MANY = 10_000;

function filled(): MessageTable {
  const table = new MessageTable();
  // Only every second id, as after failed writes.
  for (let i = 1; i <= MANY; i++) {
    table.add({ messageId: i * 2, file: 1, offset: i, length: 10, fromId: 1, toId: 2 });
  }
  return table;
}

test("MessageTable finds messages by id, and nothing for other ids", () => {
  const table = filled();
  for (const i of [1, 2, 4095, 4096, 4097, 8192, 8193, MANY]) {
    assert.equal(table.slotOf(i * 2), i - 1);
    assert.equal(table.slotOf(i * 2 - 1), undefined);
    assert.equal(table.firstSlotFrom(i * 2 - 1), i - 1);
  }
  assert.equal(table.firstSlotFrom(MANY * 2 + 1), MANY);
});

test("MessageTable forgets removed messages and frees blocks", () => {
  const table = filled();
  for (let slot = 0; slot < 8192; slot++) table.remove(slot);
  assert.equal(table.count, MANY - 8192);
  assert.equal(table.slotOf(8), undefined);
  assert.equal(table.row(5), undefined);
  // A freed block has no messages left, so reading may begin after it.
  assert.equal(table.firstSlotFrom(10_000), 8192);
  assert.equal([...table.rows()].length, MANY - 8192);
  assert.equal(table.slotOf(MANY * 2), MANY - 1);
});

test("MessageTable.move() changes the place of a line and nothing else", () => {
  const table = filled();
  table.move(4, 9, 99, 999);
  assert.deepEqual(table.row(4), { messageId: 10, file: 9, offset: 99, length: 999, fromId: 1, toId: 2 });
});
