import assert from "node:assert/strict";
import { test } from "node:test";
import { Activity } from "./activity.ts";

const START = Date.parse("2030-01-02T12:00:00.000Z");
const iso = (seconds: number) => new Date(START + seconds * 1000).toISOString();

function pupil(): { note: (at: number, status: number, operation?: string) => void; stuckAt: (at: number) => unknown } {
  const activity = new Activity();
  return {
    note: (at, status, operation = "chat.post") => activity.note(7, { at: iso(at), operation, status }),
    stuckAt: (at) => activity.of(7, START + at * 1000)?.stuckSince,
  };
}

test("one refused request is no sign of being stuck, unless nothing goes well for a minute", () => {
  const { note, stuckAt } = pupil();
  note(0, 400);
  assert.equal(stuckAt(1), undefined);
  assert.equal(stuckAt(59), undefined);
  assert.equal(stuckAt(60), iso(0));
  note(70, 200, "users.get");
  assert.equal(stuckAt(200), undefined);
});

test("two refused requests at one operation are, also when others go well between them", () => {
  const { note, stuckAt } = pupil();
  note(0, 400);
  note(1, 404, "register.get");
  assert.equal(stuckAt(2), undefined, "two different mistakes");
  note(3, 200);
  note(4, 400);
  assert.equal(stuckAt(4), iso(0));
  note(5, 200);
  note(6, 200);
  assert.equal(stuckAt(6), iso(0));
  note(7, 200);
  assert.equal(stuckAt(7), undefined);
  note(8, 400);
  assert.equal(stuckAt(9), undefined, "the mistakes before no longer count");
});

test("what the teacher does not let through is no mistake: muting or a pause makes nobody stuck", () => {
  for (const [operation, step] of [
    ["chat.post", "chat.post.3.2"],
    ["chat.patch", "chat.patch.3.2"],
  ] as const) {
    const activity = new Activity();
    const note = (at: number, status: number, stoppedAt?: string) =>
      activity.note(7, { at: iso(at), operation, status, ...(stoppedAt !== undefined && { step: stoppedAt }) });
    const at = (seconds: number) => activity.of(7, START + seconds * 1000);
    for (const second of [0, 1, 2]) note(second, 403, step);
    assert.equal(at(100)?.stuckSince, undefined);
    assert.equal(at(100)?.refused, undefined);
    assert.equal(at(100)?.last.step, step, "the list still shows it");

    // It is no success either: who was stuck before is stuck after it.
    note(110, 400, `${operation}.1.8`);
    note(111, 400, `${operation}.1.8`);
    for (const second of [112, 113, 114]) note(second, 403, step);
    assert.equal(at(115)?.stuckSince, iso(110));
    assert.equal(at(115)?.refused?.step, `${operation}.1.8`);
  }
});
