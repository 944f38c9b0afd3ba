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

test("gatherInputs() gets the same inputs from a body as from a query string with Basic", () => {
  const wanted = { myId: 7, myAuth: "a:token", userHandle: "12345", limit: 5, rotateAuth: true };
  assert.deepEqual(gather({ body: JSON.stringify(wanted) }), wanted);
  const query = { userHandle: "12345", limit: "5", rotateAuth: "true" };
  assert.deepEqual(gather({ query, authorization: basic("7:a:token") }), wanted);
});

test("gatherInputs() says that nothing was sent, and takes credentials or a query string for something", () => {
  assert.equal(gather({ body: "" }), undefined);
  assert.equal(gather({}), undefined);
  assert.deepEqual(gather({ body: "{}" }), {});
  assert.deepEqual(gather({ body: "", query: { limit: "5" } }), { limit: 5 });
  assert.deepEqual(gather({ authorization: basic("7:token") }), { myId: 7, myAuth: "token" });
});

test("gatherInputs() leaves text that is not an integer unchanged, so that the operation refuses it", () => {
  assert.deepEqual(gather({ query: { limit: "5x", after: "", wait: "1e3" } }), { limit: "5x", after: "", wait: "1e3" });
});

test("gatherInputs() reads any number of digits as a number, and the operation says that it is too large", () => {
  assert.deepEqual(gather({ query: { after: "99999999999999999999", wait: "-5" } }), { after: 1e20, wait: -5 });
});

test("gatherInputs() accepts an input given twice with the same value, and refuses two different values", () => {
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
    assert.throws(() => gather(sources), /was sent twice with different values/);
  }
});

test("gatherInputs() refuses a secret or a token in a URL", () => {
  assert.throws(() => gather({ query: { myAuth: "token" } }), /Never send `myAuth` in a URL/);
  assert.throws(() => gather({ query: { secret: "words" } }), /Never send `secret` in a URL/);
});

test("gatherInputs() says how to write an Authorization header that it cannot read", () => {
  for (const authorization of ["Bearer abc", "Basic", "Basic !!!", "Basic NzphOg===", "Basic Nzph=OmI", "abc"]) {
    assert.throws(() => gather({ authorization }), /must be `Basic`/);
  }
  assert.throws(() => gather({ authorization: "Basic 7:token" }), /base64 of ID:TOKEN.* as it is, without base64/);
  assert.throws(() => gather({ authorization: basic("no colon") }), /base64 of ID:TOKEN.* without a colon/);
  const latin1 = Buffer.from("7:café", "latin1").toString("base64");
  assert.throws(() => gather({ authorization: `Basic ${latin1}` }), /base64 of ID:TOKEN.* not text: byte 6 \(0xe9\)/);
});

test("gatherInputs() treats names that every object has, such as __proto__, as ordinary names", () => {
  const inputs = gather({ body: '{"__proto__":{"myId":1},"constructor":2}', query: { toString: "x" } });
  assert.equal(inputs?.myId, undefined);
  assert.equal(Object.getPrototypeOf(inputs), Object.prototype);
});
