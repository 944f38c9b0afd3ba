/** The plots are well-formed XML, show every value, and describe themselves for people who cannot see them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plotGrowth } from "./plot-growth.ts";
import { plotRatios } from "./plot-ratios.ts";
import { decadesAround, logScale } from "./svg.ts";

/** Every open element is closed, in the right order, and the text between has no character that needs escaping. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replace(/<(\/?)([a-z]+)((?: [A-Za-z0-9:-]+="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*)(\/?)>/g, (...match) => {
    const [, closes, name, , closesItself] = match;
    if (closes === "/") assert.equal(open.pop(), name);
    else if (closesItself !== "/") open.push(name);
    return "";
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!(amp|lt|gt|quot);)/);
}

const count = (svg: string, pattern: RegExp) => svg.match(pattern)?.length ?? 0;

test("plotRatios() draws a bar and a value for each ratio, a mark for each goal, and escapes its texts", () => {
  const svg = plotRatios("A & B", [
    { label: 'publish <1> "fast"', against: "bare", ratio: 1.25, goal: 1 },
    { label: "lookup", against: "bare", ratio: 0.5, goal: 0.85 },
    { label: "page", against: "json-server", ratio: 230 },
  ]);
  assertWellFormed(svg);
  assert.equal(count(svg, /class="bar better"/g), 2);
  assert.equal(count(svg, /class="bar worse"/g), 1);
  assert.deepEqual(
    [...svg.matchAll(/class="value"[^>]*>([^<]+)</g)].map((match) => match[1]),
    ["1.25 ×", "0.5 ×", "230 ×"],
  );
  // Two goals, and one mark in the legend.
  assert.equal(count(svg, /class="goal"/g), 3);
  assert.match(svg, /<desc id="description">publish &lt;1&gt; .* goal 1; lookup/);
  assert.doesNotMatch(svg, /NaN|Infinity/);
});

test("plotGrowth() draws a point for each value, also when all values are equal, and a line for each panel", () => {
  const xs = [100, 1000, 10_000];
  const svg = plotGrowth("What grows", "messages", [
    { title: "publish", points: xs.map((x) => ({ x, y: 8000 })) },
    { title: "start", points: xs.map((x) => ({ x, y: x / 1e5 })) },
    { title: "one", points: [{ x: 10, y: 10 }] },
  ]);
  assertWellFormed(svg);
  assert.equal(count(svg, /class="point"/g), 7);
  assert.equal(count(svg, /class="line"/g), 3);
  assert.match(svg, /start: 0\.001 at 100, 0\.01 at 1k, 0\.1 at 10k/);
  assert.doesNotMatch(svg, /NaN|Infinity/);
});

test("on a logarithmic scale all decades are equally wide", () => {
  const scale = logScale([1, 100], [0, 200]);
  assert.deepEqual([1, 10, 100].map(scale), [0, 100, 200]);
  assert.deepEqual(decadesAround([20, 300]), [10, 1000]);
  assert.deepEqual(decadesAround([10]), [10, 100]);
});
