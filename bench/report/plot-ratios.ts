/**
 * Draws ratios as bars that begin at 1, which means "equally fast": to the right is faster, to the left slower. A mark
 * shows the goal. The scale is logarithmic, so that twice as fast and half as fast are equally far from 1.
 */
import { element, logScale, svgOf } from "./svg.ts";

interface RatioBar {
  label: string;
  /** What plainchat is compared with: a second line in a quieter colour. */
  against: string;
  ratio: number;
  goal?: number;
}

const WIDTH = 760;
const LEFT = 330;
const RIGHT = 60;
const TOP = 64;
const ROW = 40;
const BOTTOM = 44;
const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export function plotRatios(title: string, bars: RatioBar[]): string {
  const description = bars
    .map(({ label, against, ratio, goal }) => {
      const aim = goal === undefined ? "" : `, goal ${goal}`;
      return `${label} compared with ${against}: ${shown(ratio)}${aim}`;
    })
    .join("; ");
  const values = bars.flatMap(({ ratio, goal }) => [ratio, goal ?? 1]);
  const domain: [number, number] = [Math.min(0.5, ...values), Math.max(2, ...values)];
  const x = logScale(domain, [LEFT, WIDTH - RIGHT]);
  const bottom = TOP + bars.length * ROW;
  const axis = TICKS.filter((tick) => tick >= domain[0] && tick <= domain[1]).flatMap((tick) => [
    element("line", { class: tick === 1 ? "zero" : "grid", x1: x(tick), x2: x(tick), y1: TOP - 6, y2: bottom }),
    element("text", { class: "quiet", x: x(tick), y: bottom + 16, "text-anchor": "middle" }, `${tick} ×`),
  ]);
  const rows = bars.flatMap((bar, i) => row(bar, TOP + i * ROW, x));
  const legend = [
    element("line", { class: "goal", x1: LEFT, x2: LEFT, y1: bottom + 24, y2: bottom + 38 }),
    element("text", { class: "quiet", x: LEFT + 8, y: bottom + 35 }, "goal"),
  ];
  return svgOf({ width: WIDTH, height: bottom + BOTTOM, title, description: `${description}.` }, [
    element("text", { class: "title", x: 16, y: 26 }, title),
    element(
      "text",
      { class: "quiet", x: 16, y: 44 },
      "1 × means equally many requests a second. Further right means more.",
    ),
    ...axis,
    ...rows,
    ...legend,
  ]);
}

function row({ label, against, ratio, goal }: RatioBar, top: number, x: (value: number) => number): string[] {
  const isBetter = ratio >= 1;
  const [from, to] = isBetter ? [x(1), x(ratio)] : [x(ratio), x(1)];
  const bar = { class: `bar ${isBetter ? "better" : "worse"}`, x: from, y: top + 6, width: to - from, height: 20 };
  // To the right of the bar and of the goal mark, where it covers nothing.
  const text = { x: Math.max(to, x(goal ?? 1)) + 6, y: top + 21 };
  return [
    element("text", { x: 16, y: top + 15 }, label),
    element("text", { class: "quiet", x: 16, y: top + 30 }, against),
    element("rect", bar),
    ...(goal === undefined
      ? []
      : [element("line", { class: "goal", x1: x(goal), x2: x(goal), y1: top + 2, y2: top + 30 })]),
    element("text", { class: "value", ...text }, `${shown(ratio)} ×`),
  ];
}

function shown(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3).replace(/\.?0+$/, "");
}
