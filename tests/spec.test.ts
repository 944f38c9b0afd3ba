/**
 * Tests that docs/spec.md and the code agree on every step: the same ids in the same order, the same sentences and the
 * same statuses. It reads both as text and runs nothing.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { READS } from "../server/operations/other-call.ts";
import * as limits from "../server/steps/limits.ts";

const root = join(import.meta.dirname, "..");
const specification = readFileSync(join(root, "docs/spec.md"), "utf8");

interface Step {
  id: string;
  sentence: string;
}

/** The steps in the document, in its order. Their statuses are in bold. */
const specified: Step[] = [...specification.matchAll(/^- `([a-z]+\.[a-z]+\.[\d.]+)` (.*)$/gm)].map(
  ([, id = "", sentence = ""]) => ({ id, sentence: sentence.replaceAll("**", "") }),
);

/** The steps in the code, file by file. */
const sources = readdirSync(join(root, "server/operations"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .map((name) => readFileSync(join(root, "server/operations", name), "utf8"));
const coded: Step[] = sources.flatMap((source) =>
  [...source.matchAll(/call\.step = "([^"]+)"; \/\/ (.*)/g)].map(([, id = "", sentence = ""]) => ({ id, sentence })),
);

const callOf = ({ id }: Step) => id.split(".").slice(0, 2).join(".");

test("docs/spec.md and the code have the same steps, each once", () => {
  assert.ok(coded.length > 150);
  const assigned = sources.reduce((count, source) => count + source.split("call.step =").length - 1, 0);
  assert.equal(coded.length, assigned, "every step has its sentence in a comment");
  const ids = coded.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(specified.map(({ id }) => id).sort(), ids.sort());
});

test("the steps of each call are in the same order, with the same sentences", () => {
  for (const call of new Set(coded.map(callOf))) {
    assert.deepEqual(
      specified.filter((step) => callOf(step) === call),
      coded.filter((step) => callOf(step) === call),
    );
  }
});

test("every step that can refuse has its status in bold, and so does the final 200", () => {
  for (const { id, sentence } of specified) {
    const status = /\b([2-5]\d\d)\b\.$/.exec(sentence)?.[1];
    const line = specification.split("\n").find((each) => each.startsWith(`- \`${id}\``)) ?? "";
    if (status !== undefined) assert.ok(line.endsWith(`**${status}**.`), line);
    else assert.ok(!line.includes("**"), line);
  }
});

/** The statuses of the refusals that operations share, such as 401 for `unknownId`. */
const shared = new Map(
  sources.flatMap((source) =>
    [...source.matchAll(/export function (\w+)\(\): Refusal \{\s*return new Refusal\(\s*(\d+),/g)].map(
      ([, name = "", status = ""]): [string, string] => [name, status],
    ),
  ),
);

/** @returns the status with which the lines of a step refuse, or undefined if they refuse nothing. */
function statusIn(code: string): string | undefined {
  const thrown = shared.get(/throw (\w+)\(\)/.exec(code)?.[1] ?? "");
  return thrown ?? /\b(?:must\w+|Refusal)\([^;]*?\b([45]\d\d)\b/.exec(code)?.[1];
}

test("the code refuses with the status that the step's sentence names", () => {
  let compared = 0;
  for (const source of sources) {
    for (const [, id = "", sentence = "", code = ""] of source.matchAll(
      /call\.step = "([^"]+)"; \/\/ (.*)\n((?:(?!\s*call\.step).*\n)+)/g,
    )) {
      compared++;
      const named = /\b([45]\d\d)\.$/.exec(sentence)?.[1];
      // Step 1.1 refuses inside the function that reads the inputs. tests/api.test.ts tests that.
      if (id.endsWith(".1.1")) assert.equal(named, "400", id);
      else assert.equal(statusIn(code), named, id);
    }
  }
  assert.equal(compared, coded.length);
});

/** The inputs that each limit applies to. */
const INPUT_OF_LIMIT: Record<string, string> = {
  HANDLE_LENGTH: "userHandle",
  SECRET_LENGTH: "secret",
  TOKEN_LENGTH: "myAuth",
  TEACHER_KEY_LENGTH: "teacherKey",
  REJOIN_CODE_LENGTH: "rejoinCode",
  LABEL_LENGTH: "label",
  MESSAGE_LENGTH: "message",
  LESSONS: "lesson",
  CASES_PASSED: "passed",
  CASES: "total",
  CASE_ID_LENGTH: "case",
  PORTS: "port",
  IDEMPOTENCY_KEY_LENGTH: "Idempotency-Key",
  PAGE_LIMIT: "limit",
  WAIT_SECONDS: "wait",
  MAX_ID: "messageId",
};

/** Everything except the addresses without steps: they have no inputs. */
const [calls = ""] = specification.split("## Other addresses");

function rangeOf({ min, max }: { min: number; max: number }): string {
  return min === max ? String(min) : `${min}-${max}`;
}

test("every row about an input in docs/spec.md has the limit that the code has", () => {
  for (const [name, limit] of Object.entries(limits)) {
    const input = INPUT_OF_LIMIT[name] ?? assert.fail(`${name} belongs to no input in this test`);
    const rows = calls.split("\n").filter((line) => /^\| (?:header )?`([\w-]+)`/.exec(line)?.[1] === input);
    assert.ok(rows.length > 0, input);
    const range = typeof limit === "number" ? `1 to 2^${Math.log2(limit + 1)} - 1` : rangeOf(limit);
    for (const row of rows) {
      assert.ok(row.includes(`| ${range}`), `${range}: ${row}`);
      if (typeof limit === "object" && "default" in limit) assert.ok(row.includes(`(default ${limit.default})`), row);
    }
  }
});

test("each list of steps begins with 1.1 and ends with a 200", () => {
  for (const call of new Set(specified.map(callOf))) {
    const steps = specified.filter((step) => callOf(step) === call);
    assert.equal(steps[0]?.id, `${call}.1.1`);
    assert.match(steps.at(-1)?.sentence ?? "", /200\.$/);
  }
});

/** What a refusal says, and what the sentence of the step that refuses must say about it. */
const MUST_SAY: [refusal: RegExp, sentence: RegExp][] = [
  [/is not UTF-8|is not JSON|^The request body is empty/, /parsable JSON/],
  [/must be a JSON object/, /one object/],
  [/same field twice|sent twice with different values/, /no input twice/],
  [/^Never send .* in a URL/, /the URL free of secrets/],
  [/^(The )?`Authorization/, /`Authorization` (Bearer or )?Basic\?/],
  [/^`\$\{field\}` is missing/, /Does `\w+` exist\?/],
  [/^Send /, /Does `\w+`(, `\w+`)* or `\w+` exist\?/],
  [/^This call takes only/, /other than `myId` and `myAuth`\? You can only remove yourself/],
  [/^There is no input/, /look like a misspelling/],
  [/must be an integer/, /an integer from \d+ to (\d+|2\^53 - 1)\b/],
  [/must be a string/, /a string of/],
  [/must be the id of a case/, /small letters and digits, with single hyphens or dots between them\?/],
  [
    /greater than `total`|^If (not all|a) cases? /,
    /smaller than `total` if there is a `case`, and the same if there is none\?/,
  ],
  [/characters long/, /of \d+(-\d+)? (whole characters|small letters and digits)/],
  [/half a character/, /whole characters|small letters and digits/],
  [/control character in it, such as a line break/, /also in NFC, without control characters[?,]/],
  [/invisible or has no meaning|with a blank|two blanks in a row/, /characters, invisible ones and needless blanks\?/],
  [/Only line breaks and tabs/, /without control characters except line breaks and tabs\?/],
  [/must be true or false/, /true or false\?/],
  [/must be one of/, /"received", "sent" or "both"\?/],
  [/visible ASCII characters/, /visible ASCII characters\?/],
  [/Last-Event-ID/, /the id of an event\?/],
  [/^The teacher has (paused|muted)/, /has the teacher paused the class, or muted me\?/],
  [/^The server is not in class mode/, /class mode/],
  [/is not the teacher's key/, /match the teacher's key\?/],
  [/^No user has this `userId`/, /File not found/],
  [/^There is no message with this/, /There is no such message/],
  [/^The class is ending/, /ending already\?|just put the class away/],
  [/^Nobody has joined this class/, /Is anybody in the class\?/],
  [/^There is no archive with this name/, /Not found/],
  [/^Another program uses this archive/, /Another program uses it/],
  [/is the port of the class server/, /a port of the class server\?/],
  [/^Your server cannot be checked from here/, /certain that the address belongs to me\?/],
  [/^A check of your server, or of one at your address/, /run or has it just ended\?/],
  [/^The class server checks others/, /too many checks of others/],
  [/^No check of your server runs/, /There is none since the server started/],
  [/^There is no teacher yet/, /There is no teacher yet/],
  [/^`rejoinCode` is not valid/, /`rejoinCode` does not match/],
  [/^You already have/, /\(429 if .*too many/],
  [/^No user has this `myId`/, /not found|just left|removed during the wait/],
  [/is not the token of/, /match it\?|changed during the wait/],
  [/^No user has this `userHandle`/, /not found|just left/],
  [/^You have neither sent nor received/, /neither from me nor to me|just removed it/],
  [/^Only the sender can edit/, /from me\?/],
  [/^The server cannot read/, /[Ee]rror: 500/],
  [/is not the class secret/, /match `secret`\?/],
  [/looks like the teacher's/, /look like the teacher's\?/],
  [/^Someone already has this handle/, /exists already/],
  [/`Idempotency-Key` was used|different message|another message/, /used for another message/],
];

/** The functions of some files, by name: the whole text of each. */
function functionsIn(...files: string[]): Map<string, string> {
  const texts = files.map((file) => readFileSync(join(root, "server", file), "utf8"));
  const found = texts.flatMap((text) => [...text.matchAll(/^(?:export )?(?:async )?function (\w+)[\s\S]*?^}$/gm)]);
  return new Map(found.map(([text, name = ""]) => [name, text]));
}

const functions = functionsIn(
  "steps/checks.ts",
  "operations/refusals.ts",
  "http/request/inputs.ts",
  "http/request/json-object.ts",
  "http/request/nothing-sent.ts",
);

/** The sentences with which a piece of code refuses, also in the functions that it calls. */
function refusalsIn(code: string, seen = new Set<string>()): string[] {
  const sentence = /(?:new Refusal\(\s*\w+,|sentence =)\s*(["`'])((?:\\.|(?!\1)[\s\S])*)\1/g;
  const own = [...code.matchAll(sentence)].map(([, , text = ""]) => text.replaceAll("\\`", "`"));
  const called = [
    ...code.replaceAll("call.readInputs(", "gatherInputs(nothingSent(").matchAll(/\b(\w+)(?:<[^>]*>)?\(/g),
  ]
    .map(([, name = ""]) => name)
    .filter((name) => functions.has(name) && !seen.has(name));
  return [
    ...own,
    ...called.flatMap((name) => {
      seen.add(name);
      return refusalsIn(functions.get(name) ?? "", seen);
    }),
  ];
}

test("the sentence of a step says everything that the step refuses", () => {
  const said = new Set<RegExp>();
  for (const source of sources) {
    for (const [, id = "", sentence = "", code = ""] of source.matchAll(
      /call\.step = "([^"]+)"; \/\/ (.*)\n((?:(?!\s*call\.step).*\n)+)/g,
    )) {
      for (const refusal of refusalsIn(code)) {
        const entry =
          MUST_SAY.find(([each]) => each.test(refusal)) ?? assert.fail(`This test has no entry: ${refusal}`);
        said.add(entry[0]);
        assert.match(sentence, entry[1], `${id} refuses with: ${refusal}`);
      }
    }
  }
  assert.equal(said.size, MUST_SAY.length, "each entry is for some step");
});

test("every refusal in the checks is found by the test above", () => {
  const thrown = [...functions.values()].join("\n").split(/new Refusal\(/).length - 1;
  const found = [...functions.values()].flatMap((text) => refusalsIn(text, new Set(functions.keys())));
  assert.equal(found.length, thrown);
});

test("the table of what each call reads has the inputs of docs/spec.md", () => {
  const sections = calls.split(/^## `/m).slice(1);
  for (const [id, { required, optional = [] }] of Object.entries(READS)) {
    const section = sections.find((each) => each.includes(`\n- \`${id}.1.1\``)) ?? "";
    const rows = [...section.matchAll(/^\| `(\w+)` \|[^|]*\|[^|]*\| (yes|no|one of)/gm)];
    assert.deepEqual([...required, ...optional].sort(), rows.map(([, name]) => name).sort(), id);
    for (const [, name = "", isRequired] of rows) if (isRequired === "yes") assert.ok(required.includes(name), name);
  }
  assert.deepEqual(Object.keys(READS).sort(), [...new Set(specified.map(callOf))].sort());
});
