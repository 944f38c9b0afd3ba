/**
 * The specification and the code are the same, step by step: the same ids in the same order, the same sentences, and
 * the same status in the sentence, in the code beside it, and in the document.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as limits from "../server/steps/limits.ts";

const root = join(import.meta.dirname, "..");
const specification = readFileSync(join(root, "docs/spec.md"), "utf8");

interface Step {
  id: string;
  sentence: string;
}

/** The steps in the document, in its order. The status is in bold there. */
const specified: Step[] = [...specification.matchAll(/^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*)$/gm)].map(
  ([, id = "", sentence = ""]) => ({ id, sentence: sentence.replaceAll("**", "") }),
);

/** The steps in the code, file by file. */
const sources = readdirSync(join(root, "server/operations"))
  .filter((name) => !name.endsWith(".test.ts"))
  .map((name) => readFileSync(join(root, "server/operations", name), "utf8"));
const coded: Step[] = sources.flatMap((source) =>
  [...source.matchAll(/call\.step = "([^"]+)"; \/\/ (.*)/g)].map(([, id = "", sentence = ""]) => ({ id, sentence })),
);

const callOf = ({ id }: Step) => id.split(".").slice(0, 2).join(".");

test("docs/spec.md and the code have the same steps, each once", () => {
  assert.ok(coded.length > 150);
  const ids = coded.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(specified.map(({ id }) => id).sort(), ids.sort());
});

test("the steps of each call stand in the same order, with the same sentences", () => {
  for (const call of new Set(coded.map(callOf))) {
    assert.deepEqual(
      specified.filter((step) => callOf(step) === call),
      coded.filter((step) => callOf(step) === call),
    );
  }
});

test("every step that can refuse has its status in bold, and the last one its 200", () => {
  for (const { id, sentence } of specified) {
    const status = /\b([2-5]\d\d)\b\.$/.exec(sentence)?.[1];
    const line = specification.split("\n").find((each) => each.startsWith(`- \`${id}\``)) ?? "";
    if (status !== undefined) assert.ok(line.endsWith(`**${status}**.`), line);
    else assert.ok(!line.includes("**"), line);
  }
});

test("the code refuses with the status that the sentence beside it names", () => {
  let compared = 0;
  for (const source of sources) {
    for (const [, id, sentence = "", code = ""] of source.matchAll(
      /call\.step = "([^"]+)"; \/\/ (.*)\n((?:(?!\s*call\.step).*\n)+)/g,
    )) {
      const named = /\b(4\d\d)\.$/.exec(sentence)?.[1];
      const used = /\b(?:must\w+|Refusal)\([^;]*?\b(4\d\d)\b/.exec(code)?.[1];
      if (used === undefined) continue;
      compared++;
      assert.equal(used, named, id);
    }
  }
  assert.ok(compared > 60, `${compared} compared`);
});

test("docs/spec.md names every limit that the server has", () => {
  const { HANDLE_LENGTH, SECRET_LENGTH, MESSAGE_LENGTH, IDEMPOTENCY_KEY_LENGTH, PAGE_LIMIT, WAIT_SECONDS } = limits;
  for (const { min, max } of [
    HANDLE_LENGTH,
    SECRET_LENGTH,
    MESSAGE_LENGTH,
    IDEMPOTENCY_KEY_LENGTH,
    PAGE_LIMIT,
    WAIT_SECONDS,
  ]) {
    assert.ok(specification.includes(`${min}-${max}`), `${min}-${max}`);
  }
  assert.ok(specification.includes(`(${PAGE_LIMIT.default})`));
});

test("the steps are the seed's: its numbers begin each list, and each list ends with 200", () => {
  for (const call of new Set(specified.map(callOf))) {
    const steps = specified.filter((step) => callOf(step) === call);
    assert.equal(steps[0]?.id, `${call}.1.1`);
    assert.match(steps.at(-1)?.sentence ?? "", /200\.$/);
  }
});
