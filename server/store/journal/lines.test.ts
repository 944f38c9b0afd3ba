import assert from "node:assert/strict";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd } from "../../../testing/at-end.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { visitLines, visitRecords } from "./lines.ts";
import { encodeRecord } from "./record.ts";

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

test("visitRecords() tells records from bad lines, in a whole file and in its beginning", async (t) => {
  const path = join(await temporaryFolder(t), "file");
  const first = encodeRecord({ op: "user", seq: 1, userId: 1 });
  const last = encodeRecord({ op: "user", seq: 2, userId: 2 });
  await writeFile(path, `${first}bad\n${last}${last.slice(0, 9)}`);
  const visit = async (source: string | FileHandle, bytes?: number) => {
    const seen: string[] = [];
    await visitRecords(
      source,
      {
        onRecord: (record, line, offset) => void seen.push(`record ${record.seq} at ${offset}: ${line.length}`),
        onBad: (line, offset) => void seen.push(`bad at ${offset}: ${line.length}`),
      },
      bytes,
    );
    return seen;
  };
  const size = first.length;
  const whole = [
    `record 1 at 0: ${size}`,
    `bad at ${size}: 4`,
    `record 2 at ${size + 4}: ${size}`,
    `bad at ${2 * size + 4}: 9`,
  ];
  assert.deepEqual(await visit(path), whole);
  assert.deepEqual(await visit(path, size + 2), [whole[0], `bad at ${size}: 2`]);
  const handle = await open(path);
  atEnd(t, () => handle.close());
  assert.deepEqual(await visit(handle), whole);
  assert.deepEqual(await visit(handle), whole, "the handle stays open");
});
