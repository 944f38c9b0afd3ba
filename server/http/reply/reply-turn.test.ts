import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { LONG_REPLY_BYTES, ReplyTurn } from "./reply-turn.ts";

test("short replies of a turn are sent together, and of long ones each turn sends one", async () => {
  const turn = new ReplyTurn();
  const sent: string[] = [];
  const send = (name: string, bytes: number) => turn.end(bytes).then(() => sent.push(name));
  const all = [
    send("long 1", LONG_REPLY_BYTES),
    send("long 2", LONG_REPLY_BYTES),
    send("short 1", 10),
    send("long 3", 10 * LONG_REPLY_BYTES),
    send("short 2", 10),
  ];
  await setImmediate();
  assert.deepEqual(sent.toSorted(), ["long 1", "short 1", "short 2"]);
  await Promise.all(all);
  assert.deepEqual(
    sent.filter((name) => name.startsWith("long")),
    ["long 1", "long 2", "long 3"],
  );
});
