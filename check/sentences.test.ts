/**
 * Tests that every sentence of docs/spec.md has a case, or a reason why it has none. Whoever changes a sentence there must
 * look at its cases, too.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { specificationText } from "./report/specification-text.ts";
import { readSentences } from "./sentences.ts";
import { loadStages } from "./stages.ts";

interface ListedSentence {
  id: string;
  says: string;
  cases?: string[];
  reason?: string;
}

/** A client could see these, but no case looks yet. The reason of each names the request that would show it. */
const OPEN: string[] = [];

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const file: { sections: Record<string, string>; sentences: ListedSentence[] } = read("sentences.json");
const { sections, sentences: listed } = file;
const cases = loadStages().flatMap((stage) => stage.cases);

test("sentences.json matches its schema", () => {
  const isValid = new Ajv2020({ allErrors: true }).compile(read("sentences.schema.json"));
  assert.equal(isValid(file), true, JSON.stringify(isValid.errors?.slice(0, 3)));
  const [first = { id: "", says: "" }] = listed;
  const wrong = [
    { ...first, cases: undefined, reason: undefined },
    { ...first, cases: ["register"], reason: "It only explains." },
    { ...first, cases: [], reason: undefined },
    { ...first, because: "It only explains." },
  ];
  for (const each of wrong) {
    const sentence = JSON.parse(JSON.stringify(each));
    assert.equal(isValid({ sections, sentences: [sentence] }), false, JSON.stringify(sentence));
  }
});

test("a specification becomes sentences and rows, without its steps, examples and labels", () => {
  const text = [
    "# One",
    "",
    "**Purpose.** Says it. `curl` says",
    "it too: (twice). [Read](on.md) 2^53 - 1. **Bold.** Last?",
    "",
    "```sh",
    "Not this. Nor this.",
    "```",
    "",
    "**Inputs**",
    "",
    "| Name | Type |",
    "|---|---|",
    "| `a` | One. Two. |",
    "",
    "## Two",
    "- First. Second",
    "  goes on.",
    "- `chat.get.1.1` Is it? No: **400**.",
  ].join("\n");
  assert.deepEqual(
    readSentences(text).map(({ heading, says }) => `${heading}: ${says}`),
    [
      "One: Says it.",
      "One: `curl` says it too: (twice).",
      "One: [Read](on.md) 2^53 - 1.",
      "One: **Bold.**",
      "One: Last?",
      "One: | `a` | One. Two. |",
      "Two: First.",
      "Two: Second goes on.",
    ],
  );
});

test("sentences.json has every sentence of the specification, word for word and in order", () => {
  const sentences = readSentences(specificationText());
  const headings = new Set(sentences.map(({ heading }) => heading));
  for (const heading of Object.keys(sections)) assert.ok(headings.has(heading), `there is no section ${heading}`);
  const inScope = sentences.filter(({ heading }) => !Object.hasOwn(sections, heading)).map(({ says }) => says);
  const says = listed.map((each) => each.says);
  // Every following line would differ, too: the first one says what has changed.
  const place = inScope.findIndex((sentence, i) => sentence !== says[i]);
  assert.equal(says[place], inScope[place], `after the sentence ${listed[place - 1]?.id}`);
  assert.equal(says.length, inScope.length);
});

test("no two sentences have the same id", () => {
  const ids = listed.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  );
});

test("every case that a sentence names exists, and every case has a sentence or a step", () => {
  const known = new Set(cases.map(({ id }) => id));
  const named = listed.flatMap(({ id, cases = [] }) => cases.map((name) => ({ id, name })));
  assert.deepEqual(
    named.filter(({ name }) => !known.has(name)),
    [],
  );
  const names = new Set(named.map(({ name }) => name));
  // Without an answer there is nothing to check, so this case stands for no sentence.
  const without = cases.filter(({ id, steps }) => steps.length === 0 && !names.has(id) && id !== "answers");
  assert.deepEqual(
    without.map(({ id }) => id),
    [],
  );
});

test("every sentence that a client could see has a case, except those that are open", (t) => {
  const isOpen = ({ reason }: ListedSentence) => reason?.startsWith("TODO:") === true;
  const open = listed.filter(isOpen);
  const withCase = listed.filter((each) => each.cases !== undefined);
  t.diagnostic(
    `${listed.length} sentences: ${withCase.length} with a case, ` +
      `${listed.length - withCase.length - open.length} with a reason, ${open.length} open`,
  );
  for (const { id, reason } of open) t.diagnostic(`${id}: ${reason}`);
  assert.deepEqual(
    open.map(({ id }) => id),
    OPEN,
  );
});
