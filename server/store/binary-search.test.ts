import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAtLeast } from "./binary-search.ts";

test("firstAtLeast() finds the place of every number, in a part of an array too", () => {
  const values = [1, 3, 3, 7, 20, 21];
  for (let from = 0; from <= values.length; from++) {
    for (let to = from; to <= values.length; to++) {
      for (let wanted = 0; wanted <= 22; wanted++) {
        const found = values.slice(from, to).findIndex((value) => value >= wanted);
        assert.equal(firstAtLeast(values, wanted, from, to), found === -1 ? to : from + found);
      }
    }
  }
});
