/** The table has the right rows, and writing it into a document changes nothing else there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { atLeast, figureAlone, figureOfPairs } from "./figure.ts";
import { lineOf, shown, TABLE_BEGIN, TABLE_END, tableOf, withTable } from "./table.ts";

const pairs = [
  { ours: 12_345, theirs: 10_000 },
  { ours: 9_000, theirs: 10_000 },
  { ours: 11_000, theirs: 10_000 },
];
const compared = figureOfPairs({ id: "a", what: "publish", against: "bare", unit: "/s", goal: atLeast(1.2) }, pairs);
const alone = figureAlone({ id: "b", what: "memory", unit: "bytes" }, [56.7]);

test("tableOf() has a row for each figure, with the median, the spread, and whether the goal is reached", () => {
  const [, , first, second] = tableOf([compared, alone]).split("\n");
  assert.equal(first, "| publish | bare | 11,000 /s | 10,000 /s | 1.1 (0.9–1.23) | ≥ 1.2 | no, but sometimes |");
  assert.equal(second, "| memory | – | 56.7 bytes | – | – | – |  |");
  assert.equal(
    lineOf(compared),
    "✗ publish, compared with bare: 11,000 : 10,000 /s, ratio 1.1 (0.9–1.23), goal at least 1.2",
  );
});

test("shown() keeps three significant digits", () => {
  assert.deepEqual([0.012345, 1.2, 123_456, Number.NaN].map(shown), ["0.0123", "1.2", "123,000", "–"]);
});

test("withTable() replaces the text between the marks, also a second time, and changes nothing else", () => {
  const document = `before\n${TABLE_BEGIN}\nold\n${TABLE_END}\nafter\n`;
  const once = withTable(document, "new");
  assert.equal(once, `before\n${TABLE_BEGIN}\n\nnew\n\n${TABLE_END}\nafter\n`);
  assert.equal(withTable(once, "new"), once);
  assert.throws(() => withTable("no marks", "new"), /no place/);
});

test("docs/performance.md has the marks for the table", () => {
  const document = readFileSync(join(import.meta.dirname, "..", "..", "docs", "performance.md"), "utf8");
  assert.ok(withTable(document, "x").includes(`${TABLE_BEGIN}\n\nx\n\n${TABLE_END}`));
});
