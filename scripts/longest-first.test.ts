import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LONGEST, longestFirst } from "./longest-first.ts";

test("the files that take longest come first, and the others after them in the order of their names", () => {
  const [longest = "", second = ""] = LONGEST;
  assert.deepEqual(longestFirst(["web/b.test.ts", second, "cli/a.test.ts", longest]), [
    longest,
    second,
    "cli/a.test.ts",
    "web/b.test.ts",
  ]);
});

test("every file of the list is there", () => {
  for (const file of LONGEST) assert.ok(existsSync(join(import.meta.dirname, "..", file)), file);
});
