import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentEvents } from "./recent-events.ts";

test("RecentEvents.after() gives the events with greater numbers, however often the ring has wrapped", () => {
  for (const capacity of [1, 2, 3, 8]) {
    const recent = new RecentEvents(capacity);
    const seqs: number[] = [];
    for (let seq = 2; seq < 80; seq += 1 + (seq % 3)) {
      recent.add({ seq, type: "message", messageId: seq, fromId: 1, toId: 2 });
      seqs.push(seq);
      for (let after = 0; after < 80; after++) {
        const expected = seqs.slice(-capacity).filter((each) => each > after);
        assert.deepEqual(
          [...recent.after(after)].map((event) => event.seq),
          expected,
        );
      }
    }
  }
});

test("RecentEvents that keeps none knows nothing before the last event", () => {
  const recent = new RecentEvents(0);
  recent.add({ seq: 5, type: "message", messageId: 1, fromId: 1, toId: 2 });
  assert.deepEqual([...recent.after(0)], []);
  assert.equal(recent.knownAfter, 5);
});
