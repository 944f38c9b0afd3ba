/**
 * What the report shows of a failure, and how it uses the width of a terminal. The other parts of the report are tested
 * with whole runs of the check: tests/check/check.test.ts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { base64 } from "../match/values.ts";
import type { CaseResult } from "../run-check.ts";
import type { Failure } from "./failure.ts";
import { reportText } from "./report-text.ts";

const STEPS = ["register.get.1.1", "register.get.1.2", "register.get.1.3"];

async function shown(failure: Partial<Failure>, columns?: number): Promise<string[]> {
  const result: CaseResult = {
    case: { id: "a", title: "Each wrong input gets its own status", steps: STEPS, hint: "Answer 400 first.", do: [] },
    outcome: "failed",
    failure: { mistakes: ["the status should be 400, but it is 200"], before: [], ...failure },
    milliseconds: 1,
  };
  const stages = [{ stage: 1, name: "register", results: [result] }];
  const report = { url: "http://127.0.0.1:8000", profile: "full", stages, notes: [] } as const;
  const text = await reportText({ ...report, notes: [] }, { folder: undefined, columns });
  return stripVTControlCharacters(text).split("\n");
}

function stepsIn(lines: string[]): string[] {
  return lines.filter((line) => line.startsWith("  Step ")).map((line) => line.split(":")[0]?.trim() ?? "");
}

test("only the step of the request that failed is shown, where its reply should name the step", async () => {
  assert.deepEqual(stepsIn(await shown({ expected: '{"step":"register.get.1.2"}' })), ["Step register.get.1.2"]);
  const all = STEPS.map((id) => `Step ${id}`);
  assert.deepEqual(stepsIn(await shown({ expected: "status 400" })), all);
});

test("in a terminal, sentences are broken between words, and the title comes again at the end", async () => {
  const lines = await shown({ expected: "status 400" }, 40);
  assert.ok(lines.slice(3).every((line) => line.length < 40));
  assert.ok(lines.includes("  The status should be 400, but it is"));
  assert.deepEqual(lines.slice(-2), ["✗ Each wrong input gets its own status", "(a)"]);
  const file = await shown({ expected: "status 400" });
  assert.ok(file.includes("  The status should be 400, but it is 200."));
  assert.equal(file.at(-1), "0 checks passed, 1 failed.");
});

test("the credentials of Basic are shown decoded, if they are text", async () => {
  const withHeader = async (authorization: string) => {
    const request = { url: "http://127.0.0.1:8000/", method: "GET", headers: { authorization }, body: undefined };
    return (await shown({ request })).find((line) => line.includes("authorization"))?.trim();
  };
  const basic = `Basic ${base64("7:tökén")}`;
  assert.equal(await withHeader(basic), `authorization: ${basic}  (that is 7:tökén)`);
  for (const other of ["Basic %%%", "Basic /w==", "Bearer abc"]) {
    assert.equal(await withHeader(other), `authorization: ${other}`);
  }
});
