import assert from "node:assert/strict";
import { test } from "node:test";
import { bareSkeletonOf, lookAlikes, skeletonOf } from "./skeleton.ts";

test("handles that look alike have the same skeleton", () => {
  for (const handle of [
    "tеacher",
    "Teacher",
    "TEACHER",
    "teacher\ufe0f",
    "tea\u200dcher",
    "ｔｅａｃｈｅｒ",
    "𝐭𝐞𝐚𝐜𝐡𝐞𝐫",
    "teаchеr",
  ]) {
    assert.equal(skeletonOf(handle), skeletonOf("teacher"), handle);
  }
  assert.equal(skeletonOf("rnike"), skeletonOf("mike"));
  assert.equal(skeletonOf("a1ice"), skeletonOf("aIice"));
  assert.equal(skeletonOf("zoe\u0308"), skeletonOf("zoë"));
  assert.equal(skeletonOf("ms\u2010hopper"), skeletonOf("ms-hopper"));
});

test("without blanks, hyphens and points, only letters and digits are left, if there are any", () => {
  for (const handle of ["MsHopper", "ms-hopper", "Ms. Hopper", "_ms_hopper_", "Мs Hopper!"]) {
    assert.equal(bareSkeletonOf(handle), bareSkeletonOf("Ms Hopper"), handle);
  }
  const others = ["Mrs Hopper", "Ms Hopper 2", "zoe", "zoë", ":-)", "...", "李明", "👩‍🏫"];
  assert.equal(new Set(others.map(bareSkeletonOf)).size, others.length);
});

test("handles that look different have different skeletons", () => {
  const handles = [
    "teacher",
    "teachers",
    "preacher",
    "ada",
    "grace",
    "зоя",
    "zoe",
    "zoë",
    "ms hopper",
    "ms-hopper",
    "李明",
  ];
  assert.equal(new Set(handles.map(skeletonOf)).size, handles.length);
});

test("lookAlikes() names the others of each group, and nobody who is alone", () => {
  const users = ["ada", "аda", "grace", "ADA"].map((userHandle, i) => ({ userId: i + 1, userHandle }));
  assert.deepEqual(
    [...lookAlikes(users)],
    [
      [1, [2, 4]],
      [2, [1, 4]],
      [4, [1, 2]],
    ],
  );
});
