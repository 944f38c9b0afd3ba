/**
 * Tests lessons.json: it matches its schema, has every case of the check once, and no case of a lesson needs what a later
 * lesson teaches.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Action, Case, Expectation } from "./case.ts";
import { lessonsUpTo, loadLessons } from "./lessons.ts";
import { whatNext } from "./report/what-next.ts";
import type { Report, StageResult } from "./run-check.ts";
import { loadStages } from "./stages.ts";

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const file: { lessons: { lesson: number; title: string; can: string; cases: string[] }[] } = read("lessons.json");
const cases = loadStages().flatMap((stage) => stage.cases);

test("lessons.json matches its schema, and its lessons are numbered from 1", () => {
  const isValid = new Ajv2020({ allErrors: true }).compile(read("lessons.schema.json"));
  assert.equal(isValid(file), true, JSON.stringify(isValid.errors?.slice(0, 3)));
  const [first] = file.lessons;
  for (const wrong of [{ casses: [] }, { cases: [] }, { title: "a title that is too long for the report" }]) {
    assert.equal(isValid({ ...file, lessons: [{ ...first, ...wrong }] }), false, JSON.stringify(wrong));
  }
  assert.deepEqual(
    file.lessons.map(({ lesson }) => lesson),
    file.lessons.map((_, i) => i + 1),
  );
});

test("every case belongs to one lesson, and every case of a lesson exists", () => {
  const listed = file.lessons.flatMap((lesson) => lesson.cases);
  const known = new Set(cases.map(({ id }) => id));
  assert.deepEqual(
    listed.filter((id, i) => listed.indexOf(id) !== i),
    [],
    "listed twice",
  );
  assert.deepEqual(
    listed.filter((id) => !known.has(id)),
    [],
    "there are no such cases",
  );
  assert.deepEqual(
    [...known].filter((id) => !listed.includes(id)),
    [],
    "in no lesson",
  );
});

test("docs/guides/check.md lists the lessons", () => {
  const guide = readFileSync(new URL("../docs/guides/check.md", import.meta.url), "utf8");
  const rows = file.lessons.map((each) => `| ${each.lesson} | ${each.title} | ${each.can} | ${each.cases.length} |`);
  assert.ok(guide.includes(`\n${rows.join("\n")}\n\n`), rows.join("\n"));
});

/** What each lesson teaches, by how a case shows that it needs it. */
const TAUGHT: [lesson: number, what: string, isNeeded: (action: Action, each: Case) => boolean][] = [
  [2, "registering", (action) => sends(action).some(({ path }) => path === "/api/v1/register")],
  [3, "refusing", (action) => expectations(action).some(({ status }) => status !== undefined && status !== 200)],
  [4, "a body for a refusal", (action) => /problem\+json|www-authenticate/.test(JSON.stringify(action))],
  [5, "remembering users", (action, { users }) => users !== undefined || "known" in action],
  [5, "comparing the secret and the token, and handles", (action) => statusesIn(action).some(isOneOf(403, 404, 409))],
  [5, "looking up", (action) => sends(action).some(({ method, path }) => method === "GET" && path !== "/")],
  [6, "files", (action) => "restart" in action],
  [7, "the query string", (action) => sends(action).some(({ query }) => query !== undefined)],
  [7, "Authorization", (action) => /"(basic|authorization)":/.test(JSON.stringify(action))],
  [7, "QUERY and HEAD", (action) => sends(action).some(({ method }) => ["QUERY", "HEAD"].includes(method))],
  [7, "letters beyond ASCII", (action) => /[^\t\n\r -~]/.test(JSON.stringify(action))],
  [8, "code points", (action) => /\{[^a-z0-9[]\*\d+\}/.test(JSON.stringify(action))],
  [8, "NFC", (action) => /\p{M}/u.test(JSON.stringify(action))],
  [8, "half characters and control characters", (action) => /\\\\?u[0-9a-f]{4}/.test(JSON.stringify(action))],
  [8, "bytes", (action) => statusesIn(action).includes(413) || "encoding" in action],
  [9, "queues and lists", (action) => sends(action).some(({ path }) => /\/(users|chat)$/.test(path))],
  [9, "queues", (action) => "queues" in action],
  [10, "changing and removing", (action) => sends(action).some(({ method }) => ["PATCH", "DELETE"].includes(method))],
  [10, "wrong methods and addresses", (action) => sends(action).some(({ method, path }) => isWrong(method, path))],
  [11, "many at once", (action) => "atOnce" in action],
  [11, "keys", (action) => /"idempotency-key":/.test(JSON.stringify(action))],
  [12, "a journal", (action, each) => "restart" in action && JSON.stringify(each.do).includes("/chat")],
  [12, "being killed in the middle", (action) => "underFire" in action || "tear" in action],
  [13, "waiting", (action) => /[?&]wait=[^&]|"begin":/.test(JSON.stringify(action))],
  [14, "streams", (action) => JSON.stringify(action).includes("/chat/stream")],
  [14, "the rest", (action) => statusesIn(action).some(isOneOf(415, 417, 431))],
  [14, "the rest", (action) => /"(origin|request-id)":/.test(JSON.stringify(action))],
];

test("no case needs what a later lesson teaches", () => {
  for (const { lesson, cases: own } of loadLessons()) {
    for (const each of own) {
      for (const [taughtIn, what, isNeeded] of TAUGHT) {
        const needs = each.do.some((action) => isNeeded(action, each));
        assert.ok(!needs || taughtIn <= lesson, `${each.id} of lesson ${lesson} needs lesson ${taughtIn}: ${what}`);
      }
    }
  }
  for (const [taughtIn, what, isNeeded] of TAUGHT) {
    const found = cases.some((each) => each.do.some((action) => isNeeded(action, each)));
    assert.ok(found, `no case needs lesson ${taughtIn}: ${what}`);
  }
});

test("a learner who has no retries yet meets an ordinary one before many at once", () => {
  for (const { cases: own } of loadLessons()) {
    const withKeys = own.filter((each) => /"idempotency-key":/.test(JSON.stringify(each.do)));
    const isRace = (each: Case) => each.do.some((action) => "atOnce" in action || "underFire" in action);
    const [first] = withKeys;
    assert.ok(first === undefined || !isRace(first) || withKeys.every(isRace), first?.id);
  }
});

test("--lesson N runs the lessons 1 to N, and the last one is the whole check", () => {
  assert.deepEqual(
    lessonsUpTo(3).map(({ stage, isLesson }) => [stage, isLesson]),
    [
      [1, true],
      [2, true],
      [3, true],
    ],
  );
  const all = lessonsUpTo(loadLessons().length).flatMap((lesson) => lesson.cases.map(({ id }) => id));
  assert.deepEqual(all.sort(), cases.map(({ id }) => id).sort());
});

test("after a lesson comes the next one that has a case, and in the end the whole specification", () => {
  const after = (lesson: number, profile: "full" | "seed" = "full", stages: StageResult[] = []) => {
    const report: Report = { url: "http://127.0.0.1:8000", profile, stages, notes: [] };
    return whatNext(report, { lesson });
  };
  assert.equal(
    after(5),
    "Next: lesson 6, Files. There your server learns to keep its users in files, and know them after a restart. Check it with --lesson 6.",
  );
  assert.match(after(3, "seed"), /^Next: lesson 5, Remember\. .* --lesson 5\./);
  assert.match(after(14), /^Your server does what docs\/spec\.md says/);
  assert.match(after(14, "seed"), /^Next: leave out --profile seed\./);
  const open = (stage: number): StageResult => ({ stage, isLesson: true, name: "", needsStart: ["it"], results: [] });
  assert.match(after(6, "full", [open(6)]), /^Lesson 6 is not passed yet\. Next: add --start "COMMAND"/);
  assert.match(
    after(12, "full", [open(6), { ...open(12), notAsked: "needs --start …" }]),
    /^Lessons 6 and 12 are not passed/,
  );
});

interface Sent {
  method: string;
  path: string;
  query: string | undefined;
}

function sends(action: Action): Sent[] {
  return [...JSON.stringify(action).matchAll(/"send":"([A-Z]+) (\/[^"?]*)(?:\?([^"]*))?"/g)].map(
    ([, method = "", path = "", query]) => ({ method, path, query }),
  );
}

function expectations(action: Action): Expectation[] {
  if ("send" in action) return action.expect === undefined ? [] : [action.expect];
  return "finish" in action ? [action.expect] : [];
}

function statusesIn(action: Action): number[] {
  const statuses = expectations(action).flatMap(({ status }) => status ?? []);
  return "atOnce" in action ? [...statuses, ...Object.keys(action.statuses).map(Number)] : statuses;
}

function isOneOf(...wanted: number[]): (status: number) => boolean {
  return (status) => wanted.includes(status);
}

function isWrong(method: string, path: string): boolean {
  return method === "PUT" || !/^\/(api\/v1\/(register|users|chat(\/stream)?))?$/.test(path);
}
