import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { EventReader } from "./event-reader.ts";

test("EventReader reads events with any line breaks, even byte by byte", async () => {
  const data = JSON.stringify({ message: "a line separator \u2028 in it" });
  for (const lineBreak of ["\n", "\r\n", "\r"]) {
    const text = `\ufeff${["retry: 1", "", "id: 7", "event: edit", `data: ${data}`, "", ":", "", "data:two", "data: lines", "", ""].join(lineBreak)}${lineBreak}`;
    const reply = new IncomingMessage(new Socket());
    const reader = new EventReader(reply);
    // One byte at a time: the worst that a network can do.
    for (const byte of Buffer.from(text)) reply.push(Buffer.of(byte));
    reply.push(lineBreak === "\r" ? "data: next\r\r\n" : "");
    assert.deepEqual(await reader.next(1000), { id: "7", event: "edit", data });
    assert.deepEqual(await reader.next(1000), { id: undefined, event: "message", data: "two\nlines" });
    reader.close();
  }
});
