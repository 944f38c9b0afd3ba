/**
 * Nothing breaks when the OpenAPI document is wrong, except the trust of the reader. These tests compare it with the
 * rules of OpenAPI, with its own examples, and with the operations, line by line.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { READS } from "../../../operations/other-call.ts";
import type { Parts } from "../../../operations/parts.ts";
import { ROUTES, type Route } from "../../../operations/routes.ts";
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

/** What the projector reads. */
const WITHOUT_STEPS = ["GET /api/v1/class", "GET /api/v1/class/secret"];

test("openApiDocument() has every operation, under the name of its file", () => {
  const described = calls
    .filter(({ call }) => call.includes("/api/") && !call.includes("/explain") && !WITHOUT_STEPS.includes(call))
    .map(({ call, operation }) => {
      return { call, operationId: operation.operationId };
    });
  const written = operationFiles.map(({ call, operationId }) => ({ call, operationId }));
  const byCall = (a: { call: string }, b: { call: string }) => a.call.localeCompare(b.call);
  assert.equal(written.length, 28);
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
  assert.deepEqual(ofClass.sort(), [
    "DELETE /api/v1/class/messages",
    "DELETE /api/v1/class/pupils",
    "GET /api/v1/class",
    "GET /api/v1/class/archives",
    "GET /api/v1/class/checks",
    "GET /api/v1/class/export",
    "GET /api/v1/class/progress",
    "GET /api/v1/class/pupils",
    "GET /api/v1/class/secret",
    "PATCH /api/v1/class",
    "PATCH /api/v1/class/hand",
    "PATCH /api/v1/class/progress",
    "PATCH /api/v1/class/pupils",
    "POST /api/v1/class/archives",
    "POST /api/v1/class/checks",
    "POST /api/v1/class/codes",
    "POST /api/v1/class/messages",
    "POST /api/v1/class/open",
    "POST /api/v1/class/rejoin",
    "POST /api/v1/class/teacher",
  ]);
  for (const call of ofClass) assert.deepEqual(operationOf(call).tags, ["Class"]);
});

test("openApiDocument() says that the teacher's key goes into the header, or into the body if there is one", () => {
  for (const { method, path, isForTeacher } of ROUTES) {
    const { security, parameters, requestBody } = operationOf(`${method} ${path}`);
    const schemes = security.flatMap(Object.keys);
    assert.equal(schemes.includes("teacherKey"), isForTeacher === true, path);
    if (isForTeacher !== true) continue;
    assert.ok(!parameters.some(({ name }) => name === "teacherKey"), "no parameter is in the URL");
    assert.equal(security.length, requestBody === undefined ? 1 : 2);
    const { schema, examples } = requestBody?.content["application/json"] ?? {};
    if (requestBody !== undefined) assert.ok(!JSON.stringify(schema?.required ?? []).includes("teacherKey"));
    if (requestBody !== undefined) assert.deepEqual(Object.keys(examples ?? {}), ["header", "body"]);
  }
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
    const { required, optional = [] } = READS[route.id] ?? assert.fail(route.id);
    const fields = [...required, ...optional];
    const valid = Object.fromEntries(Object.entries(VALID).filter(([name]) => fields.includes(name)));
    for (const field of fields) {
      const { [field]: _, ...without } = valid;
      for (const inputs of [without, { ...valid, [field]: "" }]) {
        const { step, detail } = await refusalOf(route, inputs);
        if (detail !== undefined && !said.has(step)) said.set(step, detail);
      }
    }
    for (const { step, detail } of shown) {
      const isHeader = /^The `[\w-]+` header /.test(detail);
      assert.ok(isHeader || said.get(step) === detail, `${step} says ${said.get(step)}, the document says ${detail}`);
    }
    assert.ok(shown.length >= 2, route.id);
  }
});

/** These have no example: their refusals depend on more than one thing, or have no body. */
const WITHOUT_EXAMPLE =
  /\.1\.1$|misspelling| or `\w+` exist|You can only remove yourself|paused the class, or muted me|look like the teacher|smaller than `total`/;

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
const VALID = {
  ...{ myId: 1, myAuth: "s1stW8tRW3xogZBQcE18JhAJk0ibQFUS", userHandle: "ada", messageId: 1, message: "hi" },
  ...{
    secret: "river-candle-orbit-maple",
    teacherKey: "pPq0dRkYw3m5Zb7JxN1c8A",
    userId: 2,
    isUp: true,
    isPaused: true,
    rejoinCode: "K7Q2MX",
    archive: "2030-01-02T12-00-00Z",
  },
  ...{ lesson: 3, case: "register-no-secret", passed: 2, total: 13, port: 8000 },
};

/** What an operation says to inputs, as long as it needs nothing else to say it. */
async function refusalOf({ operation }: Route, inputs: Inputs): Promise<{ step: string; detail?: string }> {
  const { signal: ended } = new AbortController();
  const call = {
    step: "",
    readInputs: () => inputs,
    idempotencyKey: undefined,
    lastEventId: undefined,
    peer: { address: "192.0.2.7", serverPorts: [8080], isPassedOn: false },
    ended,
  };
  try {
    await operation(call, {} as Parts);
  } catch (error) {
    if (error instanceof Refusal) return { step: call.step, detail: error.message };
  }
  return { step: call.step };
}

/** Whether an operation stores something new: it is refused on a full disk. */
function writes(operationId: string): boolean {
  const route = ROUTES.find(({ operation }) => operation.name === operationId);
  return route?.method === "POST" || route?.method === "PATCH";
}

/** The bodies of refusals in the examples of an operation. */
function problemsOf(operation: Operation): { step: string; status: number; detail: string }[] {
  return Object.values(operation.responses)
    .flatMap((reply) =>
      "content" in reply ? Object.values(reply.content?.["application/problem+json"]?.examples ?? {}) : [],
    )
    .map(({ value }) => value as { step: string; status: number; detail: string });
}
