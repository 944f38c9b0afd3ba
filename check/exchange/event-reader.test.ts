import assert from "node:assert/strict";
import { test } from "node:test";
import { EventReader } from "./event-reader.ts";

test("EventReader reads events with any line breaks, even character by character", async () => {
  const data = JSON.stringify({ message: "a line separator \u2028 in it" });
  for (const lineBreak of ["\n", "\r\n", "\r"]) {
    const text = `\ufeff${["retry: 1", "", "id: 7", "event: edit", `data: ${data}`, "", ":", "", "data:two", "data: lines", "", ""].join(lineBreak)}${lineBreak}`;
    let arrive: (text: string) => void = assert.fail;
    const reader = new EventReader({
      status: 200,
      headers: {},
      read(onText) {
        arrive = onText;
      },
      close() {},
    });
    // One character at a time: the worst that a network can do.
    for (const character of text) arrive(character);
    arrive(lineBreak === "\r" ? "data: next\r\r\n" : "");
    assert.deepEqual(await reader.next(1000), { id: "7", event: "edit", data });
    assert.deepEqual(await reader.next(1000), { id: undefined, event: "message", data: "two\nlines" });
    reader.close();
  }
});

test("EventReader knows the id of a frame that is not an event", async () => {
  let arrive: (text: string) => void = assert.fail;
  let end: () => void = assert.fail;
  const reader = new EventReader({
    status: 200,
    headers: {},
    read(onText, onEnd) {
      arrive = onText;
      end = onEnd;
    },
    close() {},
  });
  arrive("retry: 1000\n\n");
  assert.equal(await reader.lastId(1), undefined);
  assert.equal(reader.retry, "1000");
  arrive("id: 17\n\nid: 18\n\n:\n\n");
  assert.equal(await reader.lastId(1000), "18");
  end();
  assert.equal(await reader.next(1000), "ended");
});
