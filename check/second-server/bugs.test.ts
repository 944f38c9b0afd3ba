/**
 * Tests that each bug still fits server.py, and that no two have the same name. try-bugs.ts runs them, which takes half
 * an hour.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { changed } from "../broken/broken-server.ts";

test("every bug of the second server fits its source, and has a name of its own", () => {
  const source = readFileSync(join(import.meta.dirname, "server.py"), "utf8");
  const bugs = globSync(join(import.meta.dirname, "bugs", "*.json")).flatMap(
    (file) => JSON.parse(readFileSync(file, "utf8")).servers,
  );
  assert.ok(bugs.length > 700);
  for (const { name, spec, changes } of bugs) {
    assert.notEqual(changes.reduce(changed, source), source, name);
    assert.notEqual(spec, "", name);
  }
  const names = bugs.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
});
