import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { atEnd } from "./at-end.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("atEnd() runs the last work first, one after another", async (t) => {
  const done: string[] = [];
  await t.test("a test with work for its end", async (inner) => {
    const folder = await temporaryFolder(inner);
    atEnd(inner, () => done.push("second"));
    atEnd(inner, async () => {
      await setImmediate();
      await access(folder);
      done.push("first");
    });
  });
  assert.deepEqual(done, ["first", "second"]);
});
