/**
 * Tests what the tree of the glass has in it, for a server on files and for one with a database.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileTouch, Trace, TracedStep } from "../../client/trace.ts";
import { folderTree, pathsIn, shortName } from "./folder-tree.ts";

const HASH = "e010fd".padEnd(58, "0");

function stepWith(...files: [did: FileTouch["did"], path: string][]): TracedStep {
  const source = { file: "a.ts", line: 1, code: "" };
  const touches = files.map(([did, path]) => ({ path, did, before: null, after: null }));
  return { id: "1", sentence: "", source, outcome: "pass", milliseconds: 1, files: touches };
}

function traceOf(steps: TracedStep[], isDatabase: boolean): Trace {
  const request = { method: "POST", path: "/", inputs: [] };
  return { id: "1", at: "", operation: "", request, status: 200, ...(isDatabase && { database: true }), steps };
}

/** Each folder with its files: `!` lights up now, `*` was touched before. */
function drawn(seen: string[], trace: Trace, steps: number): string[] {
  return folderTree(seen, trace, trace.steps.slice(0, steps)).map(({ name, files }) => {
    const marked = files.map((file) => `${file.name}${file.did !== undefined ? "!" : file.wasTouched ? "*" : ""}`);
    return `${name}: ${marked.join(" ")}`.trim();
  });
}

test("a data folder has its files in two folders", () => {
  const steps = [stepWith(["read", "users/2.dat"]), stepWith(["appended to", "messages/000001.jsonl"])];
  const trace = traceOf(steps, false);
  assert.deepEqual(drawn(["users/10.dat"], trace, 1), ["users: 2.dat! 10.dat secret.dat", "messages: 000001.jsonl"]);
  assert.deepEqual(drawn([], trace, 2), ["users: 2.dat* secret.dat", "messages: 000001.jsonl!"]);
});

test("a database has its rows in tables, and a table that only this request knows comes last", () => {
  const steps = [
    stepWith(["read", "users row 2"], ["looked for", `handles row ${HASH}`]),
    stepWith(["created", "messages row 10"], ["created", "events row 12"], ["changed", "head"]),
    stepWith(["changed", "user_ids"]),
  ];
  const trace = traceOf(steps, true);
  const seen = ["messages row 9", "users row 10"];
  assert.deepEqual(drawn(seen, trace, 1), [
    "users: 2! 10",
    `handles: ${HASH}!`,
    "messages: 9 10",
    "events: 12",
    "head:",
    "secret:",
    "user_ids:",
  ]);
  assert.deepEqual(drawn(seen, trace, 2).slice(2, 5), ["messages: 9 10!", "events: 12!", "head: !"]);
  assert.deepEqual(pathsIn(trace), ["users row 2", "messages row 10", "events row 12", "head", "user_ids"]);
});

test("a hash is shortened, whatever is around it", () => {
  const hash = "e010fd".padEnd(58, "0").concat("5649ba");
  assert.equal(shortName(`handles row ${hash}`), "handles row e010fd…5649ba");
  assert.equal(shortName(`users/${hash}.dat`), "users/e010fd…5649ba.dat");
});
