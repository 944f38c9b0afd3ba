import assert from "node:assert/strict";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd } from "../../../testing/at-end.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { visitLines } from "./lines.ts";

for (const [what, lines] of [
  ["an empty file", []],
  ["short lines", ["a\n", "\n", "bc\n"]],
  ["a last line without a newline", ["a\n", "rest"]],
  ["lines longer than what is read at once", ["x\n", `${"y".repeat(1_000_000)}\n`, "z\n"]],
  ["thousands of lines", Array.from({ length: 30_000 }, (_, i) => `line ${i} ${"é".repeat(i % 40)}\n`)],
] as const) {
  test(`visitLines() visits ${what}, each with its place`, async (t) => {
    const path = join(await temporaryFolder(t), "file");
    await writeFile(path, lines.join(""));
    const handle = await open(path);
    atEnd(t, () => handle.close());
    const visited: string[] = [];
    let expectedOffset = 0;
    await visitLines(handle, (line, offset) => {
      assert.equal(offset, expectedOffset);
      expectedOffset += line.length;
      visited.push(line.toString());
    });
    assert.deepEqual(visited, lines);
  });
}
