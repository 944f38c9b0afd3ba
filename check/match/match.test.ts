/**
 * What the marks in a case match, and the sentence for each mismatch. Placeholders are tested here, too.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../case.ts";
import { fill } from "./fill.ts";
import { differences } from "./match.ts";

const table: [expected: Json, came: Json | undefined, wrong: string[]][] = [
  [{ userId: 2 }, { userId: 2, more: true }, []],
  [{ userId: 2 }, { userId: "2" }, ['`userId` should be 2, but it is "2" (a string instead of a number)']],
  [{ userId: 2 }, {}, ["`userId` is missing"]],
  [{ userId: 2 }, null, ["the body should be an object"]],
  [{ userId: 2 }, [2], ["the body should be an object"]],
  [{ a: "<id>" }, { a: 1 }, []],
  [{ a: "<id>" }, { a: 0 }, ["`a` should be a whole number of 1 or more, without quotes, but it is 0"]],
  [{ a: "<id>" }, { a: "1" }, ['`a` should be a whole number of 1 or more, without quotes, but it is "1"']],
  [{ a: "<above 17>" }, { a: 18 }, []],
  [{ a: "<above 17>" }, { a: 17 }, ["`a` should be a whole number above 17, but it is 17"]],
  [{ a: "<not 17>" }, { a: 17 }, ["`a` should be different from 17, but it is 17"]],
  [{ a: "<token>" }, { a: "😀".repeat(12) }, []],
  [{ a: "<token>" }, { a: "short" }, ['`a` should be a string of 12-64 characters, but it is "short"']],
  [{ a: "<time>" }, { a: "2030-01-02T12:00:00.000Z" }, []],
  [{ a: "<time>" }, { a: 1893585600 }, ["`a` should be a time such as 2030-01-02T12:00:00.000Z, but it is 1893585600"]],
  [{ a: "<absent>" }, {}, []],
  [{ a: "<absent>" }, { a: null }, ["`a` should not be there"]],
  [{ m: [{ id: 1 }] }, { m: [{ id: 2 }] }, ["`m[0].id` should be 1, but it is 2"]],
  [{ m: [] }, { m: [1] }, ["`m` should have 0 items, but it has 1"]],
  [{ m: { "<count>": 2 } }, { m: [1] }, ["`m` should have 2 items, but it has 1"]],
  [
    { m: { "<each>": { id: "<id>" } } },
    { m: [{ id: 1 }, { id: -1 }] },
    ["`m[1].id` should be a whole number of 1 or more, without quotes, but it is -1"],
  ],
  [{ m: { "<ascending>": "id" } }, { m: [{ id: 9 }, { id: 10 }] }, []],
  [
    { m: { "<ascending>": "id" } },
    { m: [{ id: 10 }, { id: 9 }] },
    ["each `id` in `m` should be greater than the one before, but they are [10,9]"],
  ],
  [{ m: { "<different>": "t" } }, { m: [{ t: "a" }, { t: "a" }] }, ["`m` has the same `t` twice"]],
];

test("differences() returns one sentence for each difference", () => {
  for (const [expected, came, wrong] of table) {
    assert.deepEqual(differences(expected, came), wrong, `${JSON.stringify(expected)} and ${JSON.stringify(came)}`);
  }
});

test("fill() replaces placeholders and keeps the type of the value", () => {
  const values = { "ada.userId": 7, secret: "river", new: "new-1", n: 3 };
  assert.deepEqual(fill({ myId: "{ada.userId}", list: ["{n}"], text: "no {n}: {secret}" }, values), {
    myId: 7,
    list: [3],
    text: "no 3: river",
  });
  assert.equal(fill("{x*3}{😀*2}", values), "xxx😀😀");
  assert.equal(fill("{new*8}", values), "new-1xxx");
  assert.equal(fill('{"secret":"{secret}","a":{}}', values), '{"secret":"river","a":{}}');
  assert.throws(() => fill("{nobody.userId}", values), /nobody/);
});
