import assert from "node:assert/strict";
import { test } from "node:test";
import { readInline, readMarkdown, sectionsOf } from "./markdown.ts";

const text = (words: string) => ({ type: "text", text: words });

test("headings, paragraphs, lists, code and pictures become a tree", () => {
  assert.deepEqual(
    readMarkdown(
      "# Lesson 1\n\nTwo lines\nof one paragraph.\n## Try it\n- one, which\n  goes on\n- two\n\n1. first\n2. second\n```sh\ncurl -i x\n\n# no heading\n```\n![a picture](a.svg)\n",
    ),
    [
      { type: "heading", level: 1, words: [text("Lesson 1")] },
      { type: "paragraph", words: [text("Two lines of one paragraph.")] },
      { type: "heading", level: 2, words: [text("Try it")] },
      { type: "list", isOrdered: false, items: [[text("one, which goes on")], [text("two")]] },
      { type: "list", isOrdered: true, items: [[text("first")], [text("second")]] },
      { type: "code", language: "sh", text: "curl -i x\n\n# no heading" },
      { type: "paragraph", words: [{ type: "image", alt: "a picture", from: "a.svg" }] },
    ],
  );
});

test("a comment is not shown: it is for the terminal", () => {
  const source = "<!-- by hand -->\r\none\r\n<!-- in learn\r\ntwo\r\n-->\r\n\r\nthree <!-- no comment -->\r\n";
  assert.deepEqual(readMarkdown(source), [
    { type: "paragraph", words: [text("one")] },
    { type: "paragraph", words: [text("three <!-- no comment -->")] },
  ]);
});

test("code, links, addresses and emphasis are found in a line, and code is taken as it is", () => {
  assert.deepEqual(
    readInline("Ask **who** `a[b](c) *d*` at <http://127.0.0.1:8080>, [the spec](../docs/spec.md), *now*."),
    [
      text("Ask "),
      { type: "strong", text: "who" },
      text(" "),
      { type: "code", text: "a[b](c) *d*" },
      text(" at "),
      { type: "link", text: "http://127.0.0.1:8080", to: "http://127.0.0.1:8080" },
      text(", "),
      { type: "link", text: "the spec", to: "../docs/spec.md" },
      text(", "),
      { type: "em", text: "now" },
      text("."),
    ],
  );
});

test("whatever looks like HTML stays text, and text that is not closed loses nothing", () => {
  for (const source of [
    "<script>alert(1)</script>",
    "a ` b",
    "2 * 3 * 4",
    "[no](link here)",
    "<b onclick=x>",
    "**no",
  ]) {
    assert.deepEqual(readMarkdown(source), [{ type: "paragraph", words: [text(source)] }], source);
  }
  assert.deepEqual(readMarkdown("```\nnot closed"), [{ type: "code", language: "", text: "not closed" }]);
});

test("a section with headings of the third level has hints", () => {
  const { before, sections } = sectionsOf(
    readMarkdown("# L\n\nfirst\n## A\na\n## Hints\n### Hint 1\none\n### Hint 2\ntwo\n## B\nb"),
  );
  assert.equal(before.length, 1);
  assert.deepEqual(
    sections.map(({ blocks, hints }) => [blocks.length, hints.map((hint) => hint.blocks.length)]),
    [
      [1, []],
      [0, [1, 1]],
      [1, []],
    ],
  );
});
