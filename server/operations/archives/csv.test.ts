/**
 * Tests that a table shows what people have typed, and that a spreadsheet runs nothing of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvLine } from "./csv.ts";

test("csvLine() quotes what would end a cell or a line", () => {
  assert.equal(csvLine([1, "ada", true, undefined, ""]), "1,ada,true,,\r\n");
  assert.equal(csvLine(['say "hi"', "a,b", "two\nlines"]), '"say ""hi""","a,b","two\nlines"\r\n');
});

test("csvLine() makes text of what a spreadsheet would take for a formula", () => {
  for (const formula of ['=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1"]) {
    const line = csvLine([formula]);
    assert.match(line, /^"'/, JSON.stringify(formula));
    assert.ok(line.includes(formula.replaceAll('"', '""')));
  }
  assert.equal(csvLine(["1-2", "a=b"]), "1-2,a=b\r\n");
  // Some spreadsheets begin a new cell at each of these, also within quotes.
  assert.equal(csvLine(["hi;=1+1;x"]), '"hi;\'=1+1;x"\r\n');
  assert.equal(csvLine(["one\n=2\t@3\r\n-4; +5"]), "\"one\n'=2\t'@3\r\n'-4;' +5\"\r\n");
  assert.equal(csvLine(["hello ;-)"]), '"hello ;-)"\r\n');
});
