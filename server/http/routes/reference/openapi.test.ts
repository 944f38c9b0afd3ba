/**
 * Nothing breaks when the OpenAPI document is wrong, except the trust of the reader. These tests compare it with the
 * rules of OpenAPI, with its own examples, and with the operations, line by line.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { type Parts, ROUTES, type Route } from "../../../operations/routes.ts";
import type { Inputs } from "../../../steps/call.ts";
import { Refusal } from "../../../steps/refusal.ts";
import { openApiDocument } from "./openapi.ts";
import type { Operation } from "./operations.ts";
import { BESIDE_STEPS, DISK_FULL } from "./replies.ts";

const document = openApiDocument();
const operationsFolder = new URL("../../../operations/", import.meta.url);

/** The operations in their files: the first comment says which call it is, and the file's name is the operation's. */
const operationFiles = readdirSync(operationsFolder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, source: readFileSync(new URL(file, operationsFolder), "utf8") }))
  .flatMap(({ file, source }) => {
    const [, method, path] = /^\/\*\*\s+\* ([A-Z]+) (\/\S+):/.exec(source) ?? [];
    if (method === undefined || path === undefined) return [];
    const operationId = file.replace(/^.*\/|\.ts$/g, "").replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    return [{ call: `${method} ${path}`, operationId, source }];
  });

const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, operation })),
);

async function lint(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source, config, absoluteRef: "openapi.json" });
  return problems.map(({ severity, ruleId, message, location }) => {
    return `${severity} ${ruleId}: ${message} at ${location[0]?.pointer}`;
  });
}

test("openApiDocument() passes the linter's recommended rules, without an error or a warning", async () => {
  assert.deepEqual(await lint(JSON.stringify(document)), []);
});

test("openApiDocument() has no links to documents that the server does not serve", () => {
  const links = [...JSON.stringify(document).matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target);
  assert.deepEqual(links, []);
});

test("the linter also checks the examples against their schemas", async () => {
  const broken = JSON.stringify(document).replace('"value":{"messageId":1', '"value":{"messageId":"1"');
  assert.match((await lint(broken)).join(), /no-invalid-media-type-examples.*messageId/);
});

test("openApiDocument() has every operation, under the name of its file", () => {
  const described = calls
    .filter(({ call }) => call.includes("/api/") && !/\/(explain|class)/.test(call))
    .map(({ call, operation }) => {
      return { call, operationId: operation.operationId };
    });
  const written = operationFiles.map(({ call, operationId }) => ({ call, operationId }));
  const byCall = (a: { call: string }, b: { call: string }) => a.call.localeCompare(b.call);
  assert.equal(written.length, 10);
  assert.deepEqual(described.sort(byCall), written.sort(byCall));
});

test("openApiDocument() has explain, and every operation takes its header", () => {
  const explain = calls.filter(({ call }) => call.includes("/explain")).map(({ call }) => call);
  assert.deepEqual(explain, ["GET /api/v1/explain/{id}", "GET /api/v1/explain"]);
  for (const { call } of operationFiles) {
    assert.ok(
      operationOf(call).parameters?.some(({ name }) => name === "Explain"),
      call,
    );
  }
});

test("openApiDocument() has what a class needs", () => {
  const ofClass = calls.filter(({ call }) => call.includes("/class")).map(({ call }) => call);
  assert.deepEqual(ofClass, ["GET /api/v1/class", "GET /api/v1/class/secret"]);
});

test("openApiDocument() has the probes", () => {
  const probes = calls.filter(({ call }) => !call.includes("/api/")).map(({ call }) => call);
  assert.deepEqual(probes, ["GET /healthz", "GET /readyz", "GET /metrics"]);
});

test("openApiDocument() gives each operation the statuses of its steps, and those that belong to no step", () => {
  for (const { call, operationId, source } of operationFiles) {
    const ofSteps = [...source.matchAll(/call\.step = .*\b([45]\d\d)\.$/gm)].map(([, status]) => status);
    const besideSteps = Object.keys(writes(operationId) ? { ...BESIDE_STEPS, ...DISK_FULL } : BESIDE_STEPS);
    const expected = [...new Set(["200", ...ofSteps, ...besideSteps])].sort();
    assert.deepEqual(Object.keys(operationOf(call).responses).sort(), expected, call);
  }
});

test("openApiDocument() shows refusals with the step that refuses, and in its words", () => {
  const shared = readFileSync(new URL("refusals.ts", operationsFolder), "utf8");
  for (const { call, source } of operationFiles) {
    for (const { step, status, detail } of problemsOf(operationOf(call))) {
      assert.match(source, new RegExp(`call\\.step = "${step}"; // .*\\b${status}\\.\\n`));
      // The sentences of step 1 are those of the checks. The next test compares them.
      const isCheck = /^\w+\.\w+\.1\./.test(step);
      assert.ok(isCheck || (source + shared).includes(JSON.stringify(detail)), `${step} does not say: ${detail}`);
    }
  }
});

test("openApiDocument() shows for each input what the operation says when it is missing or empty", async () => {
  for (const route of ROUTES) {
    const operation = operationOf(`${route.method} ${route.path}`);
    const shown = problemsOf(operation).filter(({ step }) => step.startsWith(`${route.id}.1.`));
    const said = new Map<string, string>();
    const { myId, myAuth, ...others } = { ...VALID, ...(route.id.startsWith("register.post") && { secret: SECRET }) };
    const valid: Record<string, unknown> = { myId, myAuth, ...others };
    for (const field of [...Object.keys(valid), "rotateAuth", "box", "after", "before", "limit", "wait"]) {
      for (const value of [undefined, ""]) {
        const { step, detail } = await refusalOf(route, { ...valid, [field]: value });
        if (detail !== undefined && !said.has(step)) said.set(step, detail);
      }
    }
    for (const { step, detail } of shown) {
      const isHeader = /^The `[\w-]+` header /.test(detail);
      assert.ok(isHeader || said.get(step) === detail, `${step} says ${said.get(step)}, the document says ${detail}`);
    }
    assert.ok(shown.length >= 4, route.id);
  }
});

/** These have no example: their refusals depend on more than one input, or have no body. */
const WITHOUT_EXAMPLE = /\.1\.1$|misspelling| or `rotateAuth` exist|You can only remove yourself/;

test("openApiDocument() shows an example for every other step that refuses", () => {
  for (const { call, source } of operationFiles) {
    const operation = operationOf(call);
    const shown = new Set(problemsOf(operation).map(({ step }) => step));
    for (const [, step = "", sentence = "", status = ""] of source.matchAll(STEP_THAT_REFUSES)) {
      const reply = operation.responses[status];
      const hasBody = reply !== undefined && "content" in reply;
      assert.equal(shown.has(step), hasBody && !WITHOUT_EXAMPLE.test(step) && !WITHOUT_EXAMPLE.test(sentence), step);
    }
  }
});

test("openApiDocument() has no body for an unknown handle", () => {
  for (const call of ["GET /api/v1/register", "POST /api/v1/chat", "GET /api/v1/chat"]) {
    const reply = operationOf(call).responses[404];
    assert.ok(reply !== undefined && !("content" in reply), call);
  }
});

test("openApiDocument() gives a number for each input that means a place in a list, which no program can guess", () => {
  const parameters = calls.flatMap(({ operation }) => operation.parameters ?? []);
  const places = parameters.filter(({ name }) => ["after", "before", "limit"].includes(name));
  assert.ok(places.length >= 6);
  for (const { name, schema, example } of places) {
    if (name === "after") assert.equal(example, 0);
    if (name === "before") assert.equal(example, Number.MAX_SAFE_INTEGER);
    if (name === "limit") assert.equal(schema.default, 50);
  }
});

test("openApiDocument() says where the server is, and whom to ask", () => {
  assert.equal(document.servers[0]?.url, "http://127.0.0.1:8080");
  assert.ok(document.info.contact.name.length > 0);
});

test("openApiDocument() asks for nothing secret in a URL", () => {
  const parameters = calls.flatMap(({ operation }) => operation.parameters ?? []);
  const inUrl = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  assert.ok(inUrl.length > 0);
  for (const name of ["myAuth", "secret", "authToken"]) assert.ok(!inUrl.includes(name), name);
});

function operationOf(wanted: string): Operation {
  const found = calls.find(({ call }) => call === wanted);
  assert.ok(found !== undefined, `${wanted} is not in the document`);
  return found.operation;
}

const STEP_THAT_REFUSES = /call\.step = "([^"]+)"; \/\/ (.*\b([45]\d\d)\.)$/gm;
const SECRET = "river-candle-orbit-maple";
const VALID = { myId: 1, myAuth: "s1stW8tRW3xogZBQcE18JhAJk0ibQFUS", userHandle: "ada", messageId: 1, message: "hi" };

/** What an operation says to inputs, as long as it needs nothing else to say it. */
async function refusalOf({ operation }: Route, inputs: Inputs): Promise<{ step: string; detail?: string }> {
  const { signal: ended } = new AbortController();
  const call = { step: "", readInputs: () => inputs, idempotencyKey: undefined, lastEventId: undefined, ended };
  try {
    await operation(call, {} as Parts);
  } catch (error) {
    if (error instanceof Refusal) return { step: call.step, detail: error.message };
  }
  return { step: call.step };
}

/** Whether an operation stores something new: it is refused on a full disk. */
function writes(operationId: string): boolean {
  return ["registerUser", "changeUser", "publishMessage", "editMessage"].includes(operationId);
}

/** The bodies of refusals in the examples of an operation. */
function problemsOf(operation: Operation): { step: string; status: number; detail: string }[] {
  return Object.values(operation.responses)
    .flatMap((reply) =>
      "content" in reply ? Object.values(reply.content?.["application/problem+json"]?.examples ?? {}) : [],
    )
    .map(({ value }) => value as { step: string; status: number; detail: string });
}
