import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pupil } from "../../client/teacher-types.ts";
import { byNeed, countsOf, matching, Roster } from "./roster.ts";

const pupil = (userId: number, facts: Partial<Pupil> = {}): Pupil => ({
  userId,
  userHandle: `pupil-${userId}`,
  isHere: true,
  isMuted: false,
  isHidden: false,
  isHandUp: false,
  lessonsPassed: [],
  ...facts,
});
const at = (minute: number) => `2030-01-02T12:${String(minute).padStart(2, "0")}:00.000Z`;
const now = Date.parse(at(30));
const place = (minute: number) => ({ lesson: 3, case: "register-no-secret", passed: 2, total: 13, since: at(minute) });
const ids = (roster: Roster) => roster.rows.map((row) => row.pupil.userId);

test("hands come first, then who has been stuck longest, then everybody else in the order they joined", () => {
  const pupils = [
    pupil(1),
    pupil(2, { stuckSince: at(9) }),
    pupil(3, { isHandUp: true }),
    pupil(4, { stuckSince: at(2) }),
    pupil(5),
    pupil(6, { isHandUp: true, stuckSince: at(20) }),
    pupil(7, { progress: place(5) }),
    pupil(8, { progress: place(25) }),
    pupil(9, { isHandUp: true, progress: place(10), stuckSince: at(29) }),
  ];
  const sorted = [9, 6, 3, 4, 7, 2, 1, 5, 8];
  assert.deepEqual(
    byNeed(pupils, now).map(({ userId }) => userId),
    sorted,
  );
  assert.deepEqual(
    byNeed(pupils.toReversed(), now).map(({ userId }) => userId),
    sorted,
  );
});

test("while the list is held, everybody keeps their place, also who raises a hand, leaves or joins", () => {
  const roster = new Roster();
  roster.update([pupil(1), pupil(2), pupil(3)], false, now);
  roster.update([pupil(1), pupil(3, { isHandUp: true }), pupil(4)], true, now);
  assert.deepEqual(ids(roster), [1, 2, 3, 4]);
  assert.deepEqual(
    roster.rows.map(({ hasLeft }) => hasLeft),
    [false, true, false, false],
  );
  assert.equal(roster.rows[2]?.pupil.isHandUp, true);
  assert.ok(roster.isOutOfOrder);
  roster.update([pupil(1), pupil(3, { isHandUp: true }), pupil(4)], false, now);
  assert.deepEqual(ids(roster), [3, 1, 4]);
  assert.ok(!roster.isOutOfOrder);
});

test("a row about which nothing is new stays the same object, so it is not drawn again", () => {
  const roster = new Roster();
  roster.update([pupil(1), pupil(2)], false, now);
  const [first, second] = roster.rows;
  for (const isHeld of [true, false]) {
    roster.update([pupil(1), pupil(2, { isMuted: isHeld })], isHeld, now);
    assert.equal(roster.rows[0], first);
    assert.notEqual(roster.rows[1], second);
  }
  roster.update([pupil(2)], true, now);
  roster.update([pupil(1), pupil(2)], true, now);
  assert.equal(roster.rows[0]?.hasLeft, false, "who comes back is there again");
});

test("the filter ignores capital letters, accents and blanks around it", () => {
  const roster = new Roster();
  roster.update([pupil(1, { userHandle: "Zoé" }), pupil(2, { userHandle: "max" }), pupil(3)], false, now);
  const found = (typed: string) => matching(roster.rows, typed).map((row) => row.pupil.userId);
  assert.deepEqual(found(" ZOE "), [1]);
  assert.deepEqual(found("zoe\u0301"), [1]);
  assert.deepEqual(found(""), [1, 2, 3]);
  assert.deepEqual(found("nobody"), []);
});

test("who has left is not counted", () => {
  const roster = new Roster();
  roster.update([pupil(1, { isHandUp: true, stuckSince: at(1) }), pupil(2, { isHere: false })], false, now);
  assert.deepEqual(countsOf(roster.rows, now), { all: 2, here: 1, stuck: 1, hands: 1 });
  roster.update([pupil(2, { isHere: false })], true, now);
  assert.deepEqual(countsOf(roster.rows, now), { all: 1, here: 0, stuck: 0, hands: 0 });
});
