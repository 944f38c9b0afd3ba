/**
 * Small histories where a reader can see whether they are linearizable, each for one reason. The checker must agree.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLinearizable } from "./checker.ts";
import type { Operation } from "./history.ts";
import { timeline } from "./timeline.ts";
import { edit, fetch, NEVER, publish, remove } from "./written-history.ts";

const LINEARIZABLE: Record<string, Operation[]> = {
  "one after the other": [
    publish([1, 2], "a", 1),
    fetch([3, 4], "1:a"),
    edit([5, 6], 1, "b", true),
    fetch([7, 8], "1:b*"),
  ],
  "a fetch that sees a message before its acknowledgement": [publish([1, 9], "a", 1), fetch([2, 3], "1:a")],
  "a fetch that was called early and sees a later message": [fetch([1, 9], "1:a"), publish([2, 3], "a", 1)],
  "a fetch whose reply was late and does not show the message": [fetch([1, 9], ""), publish([2, 3], "a", 1)],
  "two at once, and the later reply has the lower id": [
    publish([1, 9], "a", 1),
    publish([2, 3], "b", 2),
    fetch([10, 11], "1:a 2:b"),
  ],
  "a publish without a reply that happened": [publish([1, NEVER], "a"), fetch([2, 3], ""), fetch([4, 5], "1:a")],
  "a publish without a reply that never happened": [
    publish([1, NEVER], "a"),
    publish([2, 3], "b", 1),
    fetch([4, 5], "1:b"),
  ],
  "an edit without a reply that happens late": [
    publish([1, 2], "a", 1),
    edit([3, NEVER], 1, "b"),
    edit([4, 5], 1, "c", true),
    fetch([6, 7], "1:c*"),
    fetch([8, 9], "1:b*"),
  ],
  "a removal without a reply": [
    publish([1, 2], "a", 1),
    remove([3, NEVER], 1),
    fetch([4, 5], "1:a"),
    remove([6, 7], 1, false),
  ],
  "edit and removal at once": [
    publish([1, 2], "a", 1),
    remove([3, 9], 1, true),
    edit([4, 8], 1, "b", true),
    fetch([5, 7], "1:b*"),
    fetch([10, 11], ""),
  ],
  "retries with one key": [
    publish([1, NEVER], "a", undefined, "k"),
    publish([2, 3], "a", 1, "k"),
    publish([4, 5], "a", 1, "k"),
    fetch([6, 7], "1:a"),
  ],
  "a key can be used again once its message is gone": [
    publish([1, 2], "a", 1, "k"),
    remove([3, 4], 1, true),
    publish([5, 6], "a", 2, "k"),
  ],
  "a page that shows the queue at one moment": [
    publish([1, 2], "a", 1),
    publish([3, 4], "b", 2),
    publish([5, 6], "c", 3),
    fetch([7, 8], "2:b", { after: 1, limit: 1 }),
  ],
};

const NOT_LINEARIZABLE: Record<string, Operation[]> = {
  "a stale read after an acknowledgement": [publish([1, 2], "a", 1), fetch([3, 4], "")],
  "a message that is lost": [publish([1, 2], "a", 1), publish([3, 4], "b", 2), fetch([5, 6], "2:b")],
  "a message that is there twice": [publish([1, NEVER], "a"), fetch([2, 3], "1:a 2:a")],
  "a message that nobody sent": [fetch([1, 2], "1:a")],
  "a removed message comes back": [publish([1, 2], "a", 1), remove([3, 4], 1, true), fetch([5, 6], "1:a")],
  "a removed message can be edited": [publish([1, 2], "a", 1), remove([3, 4], 1, true), edit([5, 6], 1, "b", true)],
  "removed twice": [publish([1, 2], "a", 1), remove([3, 6], 1, true), remove([4, 5], 1, true)],
  "a message is not found, though nobody removed it": [publish([1, 2], "a", 1), remove([3, 4], 1, false)],
  "an edit that is lost": [publish([1, 2], "a", 1), edit([3, 4], 1, "b", true), fetch([5, 6], "1:a")],
  "an edit is undone, and nobody undid it": [
    publish([1, 2], "a", 1),
    edit([3, 9], 1, "b", true),
    fetch([4, 5], "1:b*"),
    fetch([6, 7], "1:a"),
  ],
  "a message is read, and then it is missing": [publish([1, 9], "a", 1), fetch([2, 3], "1:a"), fetch([4, 5], "")],
  "two readers who see two edits in two orders": [
    publish([1, 2], "a", 1),
    edit([3, 20], 1, "b", true),
    edit([4, 21], 1, "c", true),
    fetch([5, 6], "1:b*"),
    fetch([7, 8], "1:c*"),
    fetch([9, 10], "1:b*"),
  ],
  "a page that was never the queue at one moment": [
    publish([1, 2], "a", 1),
    publish([3, 4], "b", 2),
    remove([5, 6], 1, true),
    edit([7, 8], 2, "c", true),
    fetch([4.5, 9], "1:a 2:c*"),
  ],
  "ids out of order": [publish([1, 2], "a", 2), publish([3, 4], "b", 1)],
  "a new message with a lower id than one already seen": [
    publish([1, 9], "a", 1),
    publish([2, 8], "b", 2),
    fetch([3, 4], "2:b"),
    fetch([5, 6], "1:a 2:b"),
  ],
  "an id that is given out twice": [publish([1, 2], "a", 1), publish([3, 4], "b", 1)],
  "a key that made two messages": [
    publish([1, NEVER], "a", undefined, "k"),
    publish([2, 3], "a", 2, "k"),
    fetch([4, 5], "1:a 2:a"),
  ],
  "a key with two answers": [publish([1, 2], "a", 1, "k"), publish([3, 4], "a", 2, "k")],
  "an edited message without the mark": [publish([1, 2], "a", 1), edit([3, 4], 1, "b", true), fetch([5, 6], "1:b")],
};

for (const [what, history] of Object.entries(LINEARIZABLE)) {
  test(`linearizable: ${what}`, () => assert.ok(isLinearizable(history), timeline(history)));
}

for (const [what, history] of Object.entries(NOT_LINEARIZABLE)) {
  test(`not linearizable: ${what}`, () => assert.ok(!isLinearizable(history), timeline(history)));
}
