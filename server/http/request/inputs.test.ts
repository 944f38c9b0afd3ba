import assert from "node:assert/strict";
import { test } from "node:test";
import { gatherInputs } from "./inputs.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const gather = (sources: { body?: string; query?: object; authorization?: string }) =>
  gatherInputs({
    body: sources.body === undefined ? undefined : Buffer.from(sources.body),
    query: sources.query ?? {},
    authorization: sources.authorization,
  });

test("gatherInputs() makes the same inputs of a body, and of a query string with Basic", () => {
  const wanted = { myId: 7, myAuth: "a:token", userHandle: "12345", limit: 5, rotateAuth: true };
  assert.deepEqual(gather({ body: JSON.stringify(wanted) }), wanted);
  const query = { userHandle: "12345", limit: "5", rotateAuth: "true" };
  assert.deepEqual(gather({ query, authorization: basic("7:a:token") }), wanted);
});

test("gatherInputs() takes an empty body for no inputs", () => {
  assert.deepEqual(gather({ body: "" }), {});
  assert.deepEqual(gather({}), {});
});

test("gatherInputs() leaves what is no integer as it is, for the operation to refuse", () => {
  assert.deepEqual(gather({ query: { limit: "5x", after: "", wait: "1e3" } }), { limit: "5x", after: "", wait: "1e3" });
});

test("gatherInputs() takes digits for a number, however many: the operation says that it is too great", () => {
  assert.deepEqual(gather({ query: { after: "99999999999999999999", wait: "-5" } }), { after: 1e20, wait: -5 });
});

test("gatherInputs() takes one value given twice, and refuses two", () => {
  assert.deepEqual(gather({ body: '{"myId":7}', query: { myId: ["7", "7"] }, authorization: basic("7:token") }), {
    myId: 7,
    myAuth: "token",
  });
  for (const sources of [
    { body: '{"myId":8}', authorization: basic("7:token") },
    { body: '{"limit":1}', query: { limit: "2" } },
    { query: { limit: ["1", "2"] } },
    { body: '{"myId":"7"}', authorization: basic("7:token") },
  ]) {
    assert.throws(() => gather(sources), /given twice, with different values/);
  }
});

test("gatherInputs() refuses what is secret in a URL", () => {
  assert.throws(() => gather({ query: { myAuth: "token" } }), /Never send `myAuth` in a URL/);
  assert.throws(() => gather({ query: { secret: "words" } }), /Never send `secret` in a URL/);
});

test("gatherInputs() says what to do about an Authorization that it cannot read", () => {
  for (const authorization of ["Bearer abc", "Basic", "Basic !!!", "abc"]) {
    assert.throws(() => gather({ authorization }), /must be `Basic`/);
  }
  assert.throws(() => gather({ authorization: basic("no colon") }), /a colon/);
});

test("gatherInputs() is not deceived by names that every object has", () => {
  const inputs = gather({ body: '{"__proto__":{"myId":1},"constructor":2}', query: { toString: "x" } });
  assert.equal(inputs.myId, undefined);
  assert.equal(Object.getPrototypeOf(inputs), Object.prototype);
});
