/**
 * Tests whom the search field finds.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { meantBy, shownFor } from "./find-person.ts";

const people = (...handles: string[]) => handles.map((userHandle, i) => ({ userId: i + 1, userHandle }));

test("Enter opens the person who was meant", () => {
  for (const [typed, handles, expected] of [
    ["max", ["Max", "maximilian"], "Max"],
    ["max", ["Max", "max", "maximilian"], "max"],
    ["grace", ["Grace"], "Grace"],
    ["gra", ["Grace", "ada"], "Grace"],
    ["MAX", ["Max", "max"], undefined],
    ["a", ["ada", "alan"], undefined],
    ["zoe\u0308", ["zo\u00eb"], "zo\u00eb"],
    ["zo\u00eb", ["zoe\u0308-with-more"], "zoe\u0308-with-more"],
    [" grace ", ["grace", "graceful"], "grace"],
    ["strasse", ["Straße", "strassenbahn"], "Straße"],
    ["ＭＡＸ", ["max", "maximilian"], "max"],
    ["ΟΔΥΣΣΕΥΣ", ["οδυσσευς", "οδυσσευς2"], "οδυσσευς"],
    ["nobody", ["grace"], undefined],
  ] as const) {
    assert.equal(meantBy(typed, people(...handles))?.userHandle, expected, JSON.stringify(typed));
  }
});

test("the list shows everybody whose handle has the text in it, and with blanks only, all of them", () => {
  const handles = (typed: string) => shownFor(typed, people("Max", "maximilian", "zoë")).map((each) => each.userHandle);
  assert.deepEqual(handles("MAX "), ["Max", "maximilian"]);
  assert.deepEqual(handles("ZOE\u0308"), ["zoë"]);
  assert.deepEqual(handles("  "), ["Max", "maximilian", "zoë"]);
});
