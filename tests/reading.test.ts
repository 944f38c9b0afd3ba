/**
 * Tests that docs/reading.md is true: what it quotes stands in the files that it names, each quoted piece uses what it is
 * an example of, and the files of the reading order are there. It also keeps the operations and the steps as plain as
 * the page says.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** What a piece of code must have in it to be an example. The names are the bold ones of the page, in their order. */
const CONSTRUCTS: Record<string, RegExp[]> = {
  "`import type`": [/^import type \{ \w+ \} from "[^"]+";$/],
  "`interface`": [/^\w+\?: \w+;$/],
  "Types of a function": [/^\w+\(\w+: \w+, \w+: \w+\): \w+ \{$/],
  "`const { a, b } = object`": [/^const \{ [\w, ]+ \} = \w+;$/, /^const \[\w+, \w+\] = /],
  "`string | undefined`": [/: string \| undefined, .*\): string \| undefined/],
  "What TypeScript knows after an `if`": [/^if \(\w+ === "[^"]+"\) throw \w+\(\);$/],
  "`async` and `await`": [/ = await \w+\.\w+\(/],
  "`test ? a : b`": [/^= [\w.]+ === \w+ \? \w+ : \w+\($/],
  "`a?.b`": [/^\w+\?\.\w+/],
  "`a ?? b`": [/ = \w+ \?\? [\w.]+;$/],
  "`{ messageId }`": [/^return \{ messageId \};$/],
  "`` `text ${value}` ``": [/^return `[^`]*\$\{\w+\}/],
  "`{ ...object, more }`": [/\{ \.\.\.[\w.]+, \w+, \w+ \}/],
  "`(each) => …`": [/\.filter\(\(each\) => .*\)/, /\(\w+, async \(\) => \{$/],
  "`for (const each of list)`": [/^for \(const \w+ of /],
  "`unknown` and `typeof`": [/\bunknown\b/, /\btypeof \w+ !== "/],
  "`class … extends Error`": [/^export class \w+ extends Error \{$/],
  "`readonly` and `as const`": [/^readonly /, / as const;$/],
  "`<Word extends string>`": [/^export function \w+<Word extends string>\($/],
  "`/^[a-z]+$/`": [/ = \/\^.*\$\/;$/],
};

const [, constructs = "", order = ""] = read("docs/reading.md").split(/^## .*$/m);

/** The items of a numbered list, without their numbers. */
function itemsIn(section: string): string[] {
  return section
    .split(/^\d+\. /m)
    .slice(1)
    .map((item) => item.split(/\n\n/)[0] ?? "");
}

interface Place {
  /** From the root of the repository. */
  file: string;
  code: string;
}

function placesIn(item: string): Place[] {
  const places = [...item.matchAll(/^ +- \[[\w-]+\.ts\]\(\.\.\/([\w/-]+\.ts)\): (`+)(.*?)\2$/gm)];
  // Code that has backquotes in it stands between two of them, and blanks.
  return places.map(([, file = "", quotes = "", code = ""]) => ({
    file,
    code: quotes.length > 1 ? code.slice(1, -1) : code,
  }));
}

test("docs/reading.md explains twenty constructs, each in two lines", () => {
  const items = itemsIn(constructs);
  const names = items.map((item) => /^\*\*(.+?)\*\*/.exec(item)?.[1]);
  assert.deepEqual(names, Object.keys(CONSTRUCTS));
  assert.equal(items.length, 20);
  for (const item of items) {
    const lines = item.trimEnd().split("\n");
    const explanation = lines.filter((line) => !line.startsWith(" ") || !line.trim().startsWith("- "));
    assert.ok(explanation.length <= 2, item);
    assert.equal(lines.length, explanation.length + placesIn(item).length, `each place can be read: ${item}`);
  }
});

test("each piece of code that docs/reading.md quotes stands in the file that it names", () => {
  for (const { file, code } of itemsIn(constructs).flatMap(placesIn)) {
    assert.match(file, /^server\/(operations|steps)\//);
    assert.ok(read(file).includes(code), `${file}: ${code}`);
  }
});

test("each piece of code that docs/reading.md quotes uses what it is an example of", () => {
  for (const item of itemsIn(constructs)) {
    const name = /^\*\*(.+?)\*\*/.exec(item)?.[1] ?? "";
    const places = placesIn(item);
    const forms = CONSTRUCTS[name] ?? [];
    assert.equal(places.length, forms.length, name);
    for (const [i, form] of forms.entries()) assert.match(places[i]?.code ?? "", form, name);
  }
});

test("the files of the reading order are there, and each comes once", () => {
  const items = itemsIn(order);
  assert.ok(items.length >= 15);
  const files = items.flatMap((item) => [...item.matchAll(/\[([\w/-]+\.ts)\]\(\.\.\/([\w/-]+\.ts)\)/g)]);
  for (const item of items) assert.match(item, /^\[server\//, "an item begins with its file");
  for (const [, shown, linked = ""] of files) {
    assert.equal(shown, linked);
    assert.ok(existsSync(join(root, linked)), linked);
  }
  assert.equal(new Set(files.map(([, shown]) => shown)).size, files.length);
});

/** What stops a beginner, and has a plainer form. */
const NOT_PLAIN: Record<string, RegExp> = {
  "fields taken out of an input whose type stands there, too": /[(,]\s*\{[^{}]*\}: [A-Z{]/,
  "`await` in a condition": /\b(?:if|while) \([^\n]*\bawait\b/,
  "`...` of a condition": /\.\.\.\([^)\n]*&&/,
  "a choice inside a choice": / \? [^;\n]* : [^;\n]* \? [^;\n]* : /,
  "a type that is claimed, not tested": /\bas (?:unknown|any|never)\b|: any\b/,
};

test("the operations and the steps have nothing that stops a beginner and could be plainer", () => {
  const files = globSync("server/{operations,steps}/**/*.ts", { cwd: root }).filter((name) => !/\.test\./.test(name));
  assert.ok(files.length > 40);
  for (const file of files) {
    const code = read(file).replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*)|; \/\/ .*$/gm, "");
    for (const [name, form] of Object.entries(NOT_PLAIN)) {
      assert.equal(form.exec(code)?.[0], undefined, `${file} has ${name}`);
    }
  }
});

test("every operation is a function of a call and the parts, and takes what it uses in its first line", () => {
  const operations = globSync("server/operations/**/*.ts", { cwd: root }).map((name) => [name, read(name)] as const);
  const withSteps = operations.filter(([name, code]) => !name.includes(".test.") && code.includes("call.step = "));
  assert.ok(withSteps.length > 20);
  for (const [name, code] of withSteps) {
    assert.match(
      code,
      /^export (?:async )?function \w+\(call: Call, parts: Parts\).*\n {2}const \{ .* \} = parts;$/m,
      name,
    );
  }
});
