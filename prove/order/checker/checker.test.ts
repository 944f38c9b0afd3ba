/**
 * Compares the checker with a search that tries every order, on thousands of tiny histories. It also checks that a
 * failure points at the right line.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLinearizable } from "./checker.ts";
import { contradiction } from "./contradiction.ts";
import { isLinearizableByTrying } from "./every-order.ts";
import { timeline } from "./timeline.ts";
import { tinyHistory } from "./tiny-history.ts";
import { edit, fetch, publish } from "./written-history.ts";

test("the checker agrees with a search that tries every order", (t) => {
  const counts = { yes: 0, no: 0 };
  fc.assert(
    fc.property(tinyHistory, ({ history, ids }) => {
      const expected = isLinearizableByTrying(history, ids);
      counts[expected ? "yes" : "no"]++;
      assert.equal(isLinearizable(history), expected, timeline(history));
    }),
    { numRuns: 3000 },
  );
  t.diagnostic(`${counts.yes} linearizable, ${counts.no} not`);
  assert.ok(counts.yes > 300 && counts.no > 300, JSON.stringify(counts));
});

test("the contradiction is the first reply that cannot be explained", () => {
  const stale = fetch([5, 6], "");
  const history = [
    publish([1, 2], "a", 1),
    fetch([3, 4], "1:a"),
    stale,
    edit([7, 8], 1, "b", true),
    fetch([9, 10], "1:b*"),
  ];
  assert.equal(contradiction(history), stale);
  assert.equal(contradiction(history.filter((operation) => operation !== stale)), undefined);
});
