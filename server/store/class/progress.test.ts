/**
 * Tests what a report makes of a pupil's progress, and which files count as damaged.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LessonReport, Progress } from "../contract.ts";
import { decodeProgress, encodeProgress, lessonIn, MAX_PROGRESS_BYTES, withReport } from "./progress.ts";

const STUCK: LessonReport = { lesson: 3, case: "register-no-secret", passed: 2, total: 13 };
const PASSED: LessonReport = { lesson: 3, case: undefined, passed: 13, total: 13 };
const minute = (number: number) => `2030-01-02T12:${String(number).padStart(2, "0")}:00.000Z`;

test("`since` changes with the lesson and the case only, and `passedAt` stays", () => {
  let progress: Progress | undefined;
  const at = (number: number, report: LessonReport) => {
    progress = withReport(progress, report, minute(number));
    const { since, passedAt } = lessonIn(progress, report.lesson) ?? {};
    return [since, passedAt].map((time) => (time === undefined ? undefined : Number(time.slice(14, 16))));
  };
  assert.deepEqual(at(1, STUCK), [1, undefined]);
  assert.deepEqual(at(2, { ...STUCK, passed: 5 }), [1, undefined], "more pass, but it stops at the same case");
  assert.deepEqual(at(3, { ...STUCK, case: "register-order" }), [3, undefined]);
  assert.deepEqual(at(4, PASSED), [4, 4]);
  assert.deepEqual(at(5, PASSED), [4, 4]);
  assert.deepEqual(at(6, STUCK), [6, 4], "it was passed once");
  assert.deepEqual(at(7, { lesson: 1, case: "answers", passed: 0, total: 1 }), [7, undefined]);
  assert.deepEqual(at(8, STUCK), [8, 4], "the pupil has come back to it");
  assert.deepEqual(at(9, PASSED), [9, 4]);
  assert.deepEqual(
    progress?.lessons.map(({ lesson }) => lesson),
    [1, 3],
  );
});

test("a report that says nothing new changes nothing", () => {
  const before = withReport(undefined, STUCK, minute(1));
  assert.equal(withReport(before, STUCK, minute(2)), before);
  assert.notEqual(withReport(before, { ...STUCK, passed: 3 }, minute(2)), before);
});

test("the longest progress can be read again, and is far from the limit", () => {
  let longest: Progress | undefined;
  for (let lesson = 14; lesson >= 1; lesson--) {
    longest = withReport(longest, { lesson, case: undefined, passed: 500, total: 500 }, minute(1));
    longest = withReport(longest, { lesson, case: "x".repeat(64), passed: 499, total: 500 }, minute(2));
  }
  assert.ok(longest !== undefined);
  const text = encodeProgress(longest);
  assert.deepEqual(decodeProgress(text), longest);
  assert.ok(text.length < MAX_PROGRESS_BYTES / 4);
});

test("a file that says something else is damaged", () => {
  const good = { lesson: 3, case: "register-no-secret", passed: 2, total: 13, since: minute(1) };
  const file = (lessons: unknown, lesson: unknown = 3) => JSON.stringify({ lesson, lessons });
  assert.ok(decodeProgress(file([good])) !== undefined);
  assert.deepEqual(decodeProgress(file([{ ...good, more: 1 }])), { lesson: 3, lessons: [good] });
  const damaged = [
    ...["", "null", "3", "[]", "{}", '{"lesson":3', file([]), file(good), file([good], 4), file([good], "3")],
    ...[file([good, good]), file([good, { ...good, lesson: 2 }]), file([null]), file([good, 3])],
    ...[0, 15, "3", 1.5, null].map((lesson) => file([{ ...good, lesson }], lesson)),
    ...["", "Insult", "a b", "x".repeat(65), 7, null].map((each) => file([{ ...good, case: each }])),
    ...[-1, 13, 14, "2", 0.5].map((passed) => file([{ ...good, passed }])),
    ...[0, 501, 2, null].map((total) => file([{ ...good, total }])),
    ...["", "yesterday", "2030-13-02T12:00:00.000Z", 5, undefined].map((since) => file([{ ...good, since }])),
    file([{ ...good, passedAt: "soon" }]),
    file([{ ...good, case: undefined }]),
  ];
  for (const text of damaged) assert.equal(decodeProgress(text), undefined, text);
});
