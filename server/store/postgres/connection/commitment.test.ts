import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseAwayError } from "../../store-errors.ts";
import { Commitment } from "./commitment.ts";

test("a transaction may count only if its COMMIT was sent before the end of the waiting", () => {
  const sent = new Commitment();
  sent.send();
  assert.equal(sent.end(), true);
  const tooLate = new Commitment();
  assert.equal(tooLate.end(), false);
  // Somebody was told that nothing was done.
  assert.throws(() => tooLate.send(), DatabaseAwayError);
});
