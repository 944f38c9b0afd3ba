import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsMeantBy } from "./secret-as-typed.ts";

const SECRET = "river-candle-orbit-maple";

test("what looks like words is also tried as the server writes them", () => {
  for (const typed of [
    "River-Candle-Orbit-Maple",
    "RIVER CANDLE ORBIT MAPLE",
    "river_candle_orbit_maple",
    "river candle-orbit  maple",
    "river – candle – orbit – maple",
    "river‑candle‑orbit‑maple",
    "river\u00a0candle orbit maple",
    "river, candle, orbit, maple.",
    "river. candle. orbit. maple",
    "river--candle-orbit-maple-",
    "„river-candle-orbit-maple“",
    "riv\u00ader-candle-orbit-maple",
    "ｒｉｖｅｒ-candle-orbit-maple",
  ]) {
    assert.deepEqual(secretsMeantBy(typed), [typed, SECRET], typed);
  }
  assert.deepEqual(secretsMeantBy(`  ${SECRET}\n`), [SECRET], "only once");
});

test("anything else is tried only as it was typed, because a teacher may have chosen it", () => {
  for (const typed of [
    "Klasse 7b im Jahr 2030",
    "Our Secret",
    "rivercandleorbitmaple",
    "river-candle",
    "x y z a b c",
    "Größe Straße Übung Äpfel",
  ])
    assert.deepEqual(secretsMeantBy(typed), [typed]);
});
