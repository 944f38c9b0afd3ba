/**
 * Tests that docs/two-stores.md is true: each piece of code that it quotes stands in the file that is named above it,
 * line after line.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Quote {
  /** From the root of the repository. */
  file: string;
  /** Without the indent. */
  lines: string[];
}

/** The fenced pieces of code. A piece is from the file that was last named on a line of its own. */
function quotesIn(document: string): Quote[] {
  const quotes: Quote[] = [];
  let file = "";
  const parts = /^ *\[[\w-]+\.ts\]\(\.\.\/(?<named>[\w/-]+\.ts)\):$|^ *```(?:ts|sql)\n(?<code>[\s\S]*?)\n *```$/gm;
  for (const { groups: { named, code = "" } = {} } of document.matchAll(parts)) {
    if (named !== undefined) file = named;
    else quotes.push({ file, lines: code.split("\n").map((line) => line.trim()) });
  }
  return quotes;
}

const quotes = quotesIn(read("docs/two-stores.md"));

test("each piece of code that docs/two-stores.md quotes stands in the file that it names", () => {
  for (const { file, lines } of quotes) {
    assert.ok(existsSync(join(root, file)), `${file} for ${lines[0]}`);
    const source = read(file)
      .split("\n")
      .map((line) => line.trim())
      .join("\n");
    assert.ok(`\n${source}\n`.includes(`\n${lines.join("\n")}\n`), `${file} has no lines ${lines.join("\n")}`);
  }
});

test("docs/two-stores.md quotes both stores, and about thirty lines altogether", () => {
  const files = new Set(quotes.map(({ file }) => file));
  for (const file of ["server/store/messages.ts", "server/store/journal/journal.ts"]) assert.ok(files.has(file), file);
  for (const name of ["messages/publishing", "head"]) assert.ok(files.has(`server/store/postgres/${name}.ts`), name);
  const count = quotes.reduce((sum, { lines }) => sum + lines.length, 0);
  assert.ok(count >= 20 && count <= 40, `${count} lines`);
});
