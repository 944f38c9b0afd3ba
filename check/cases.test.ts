/**
 * Tests the cases as data: they match their schema, every step that can refuse has a case, and every placeholder has a
 * value.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Action, Case, Send } from "./case.ts";
import { fill } from "./match/fill.ts";
import { differences } from "./match/match.ts";
import { freshValues, keepUser, type Values } from "./match/values.ts";
import { readSpecification } from "./report/specification.ts";
import { loadStages, stepsNotOverHttp } from "./stages.ts";

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const stages = loadStages();
const cases = stages.flatMap((stage) => stage.cases);
const specification = readSpecification();

test("every file of cases or bugs matches the schema that it names", () => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const broken = ajv.compile(read("broken/broken.schema.json"));
  const schemas = {
    "../case.schema.json": ajv.compile({ $id: "case.schema.json", ...read("case.schema.json") }),
    "../credentials.schema.json": ajv.compile(read("credentials.schema.json")),
    "./broken.schema.json": broken,
    "../../check/broken/broken.schema.json": broken,
  };
  const files = ["cases", "broken", "../prove/mutants"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, import.meta.url))
      .filter((name) => /^(?!not-over|broken\.schema).*\.json$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  assert.ok(files.length > 20);
  for (const file of files) {
    const contents = read(file);
    const schema = schemas[contents.$schema as keyof typeof schemas];
    assert.ok(schema?.(contents), `${file}: ${JSON.stringify(schema?.errors?.slice(0, 3))}`);
  }
  const [first] = read("cases/1-register.json").cases;
  const wrong = { ...read("cases/1-register.json"), cases: [{ ...first, stepps: [] }] };
  assert.equal(schemas["../case.schema.json"](wrong), false, "a misspelt field is found");
});

test("no two cases have the same id, and the stages go from 0 to 8", () => {
  assert.deepEqual(
    stages.map(({ stage }) => stage),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
  const ids = cases.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  );
});

test("every step that can refuse has a case, except those that a client cannot cause over HTTP", () => {
  const tested = new Set(cases.flatMap(({ steps }) => steps));
  const excused = stepsNotOverHttp();
  const without = specification.filter(({ id, refuses }) => refuses && !tested.has(id)).map(({ id }) => id);
  assert.deepEqual(without.sort(), Object.keys(excused).sort());
  const known = new Set(specification.map(({ id }) => id));
  for (const id of tested) assert.ok(known.has(id), `there is no step ${id}`);
});

test("a case expects the status that its step names", () => {
  for (const each of cases) {
    const statuses = each.steps.map((id) => specification.find((step) => step.id === id)?.sentence ?? "");
    const named = statuses.flatMap((sentence) => /\b([45]\d\d)\.$/.exec(sentence)?.[1] ?? []).map(Number);
    const expected = each.do.flatMap(statusesIn);
    for (const status of named) assert.ok(expected.includes(status), `${each.id} never expects ${status}`);
  }
});

test("every placeholder has a value, and every mark exists", () => {
  for (const each of cases) {
    const values = valuesFor(each);
    for (const action of each.do) {
      for (const text of JSON.stringify(action).match(/\{[a-zA-Z][\w.]*\}/g) ?? []) {
        assert.doesNotThrow(() => fill(text, values), `${each.id}: ${text}`);
      }
      for (const expectation of expectationsIn(action)) {
        // The result does not matter here: only an unknown mark throws.
        assert.doesNotThrow(() => differences(fill(expectation, values), null), each.id);
      }
    }
  }
});

test("the seed's cases use only the seed's four calls", () => {
  const seed = cases.filter((each) => each.seed === true);
  assert.ok(seed.length > 50);
  for (const each of seed) {
    for (const action of each.do) {
      // `known` looks users up with the seed's calls.
      const sends = "restart" in action || "known" in action ? [] : sendsIn(action);
      assert.ok(!("queues" in action || "atOnce" in action), each.id);
      for (const { send } of sends) {
        assert.match(send, /^(GET \/|(GET|POST) \/api\/v1\/(register|chat))$/, each.id);
      }
    }
  }
});

test("in the first stages, the seed's cases come first", () => {
  for (const { stage, cases: own } of stages.filter((each) => each.stage <= 3)) {
    const isSeed = own.map((each) => each.seed === true);
    const seedFirst = isSeed.toSorted((one, other) => Number(other) - Number(one));
    assert.deepEqual(isSeed, seedFirst, `stage ${stage}`);
  }
});

function sendsIn(action: Action): Send[] {
  if ("send" in action) return [action];
  if ("atOnce" in action) return action.atOnce;
  if ("underFire" in action) return action.underFire;
  if ("tear" in action) return [action.tear];
  if ("promptly" in action) return [action.promptly, ...(action.fetch === undefined ? [] : [action.fetch])];
  return "request" in action ? [action.request] : [];
}

function statusesIn(action: Action): number[] {
  if ("atOnce" in action) return Object.keys(action.statuses).map(Number);
  if ("finish" in action) return [action.expect.status ?? []].flat();
  return sendsIn(action).flatMap(({ expect }) => expect?.status ?? []);
}

function expectationsIn(action: Action) {
  const expectations = "finish" in action ? [action.expect] : sendsIn(action).map(({ expect }) => expect ?? {});
  const bodies = expectations.flatMap(({ body, seedBody }) => [body, seedBody]);
  return [...bodies, ...("hear" in action ? action.events.map(({ data }) => data) : [])].filter(
    (body) => body !== undefined,
  );
}

/** Every placeholder that the case may use, with some value. */
function valuesFor(each: Case) {
  const values: Values = { ...freshValues("river-candle-orbit", "http://127.0.0.1:8080"), n: 1 };
  for (const name of each.users ?? []) {
    keepUser(values, name, { userId: 1, authToken: "0123456789abcdef", userHandle: name });
  }
  for (const action of each.do) {
    const suffix = "atOnce" in action ? ".1" : "";
    for (const { keep = {} } of sendsIn(action)) for (const name of Object.keys(keep)) values[name + suffix] = 1;
    if ("hear" in action && action.keepId !== undefined) values[action.keepId] = "1";
  }
  return values;
}
