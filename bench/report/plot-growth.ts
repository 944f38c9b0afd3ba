/**
 * Draws what grows and what does not: one small plot for each kind of figure, all with the same horizontal axis. Both
 * axes are logarithmic: a line that rises one decade per decade is a cost that grows as fast as the size, and a flat
 * line is a cost that does not grow.
 */
import { decades, decadesAround, element, logScale, svgOf } from "./svg.ts";

interface Panel {
  title: string;
  points: { x: number; y: number }[];
}

const COLUMNS = 3;
const CELL_WIDTH = 260;
const CELL_HEIGHT = 190;
const TOP = 40;
/** The margins around the plot inside its cell. */
const INSET = { left: 62, right: 16, top: 28, bottom: 34 };

/** @param horizontal the name of the horizontal axis: what is counted there. */
export function plotGrowth(title: string, horizontal: string, panels: Panel[]): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const description = panels
    .map((panel) => `${panel.title}: ${panel.points.map(({ x, y }) => `${short(y)} at ${short(x)}`).join(", ")}`)
    .join("; ");
  const picture = { width: COLUMNS * CELL_WIDTH, height: TOP + rows * CELL_HEIGHT + 8, title };
  return svgOf({ ...picture, description: `By the number of ${horizontal}. ${description}.` }, [
    element("text", { class: "title", x: 16, y: 26 }, title),
    ...panels.flatMap((panel, i) => {
      const left = (i % COLUMNS) * CELL_WIDTH;
      return drawPanel(panel, horizontal, left, TOP + Math.floor(i / COLUMNS) * CELL_HEIGHT);
    }),
  ]);
}

function drawPanel({ title, points }: Panel, horizontal: string, left: number, top: number): string[] {
  const area = {
    left: left + INSET.left,
    right: left + CELL_WIDTH - INSET.right,
    top: top + INSET.top,
    bottom: top + CELL_HEIGHT - INSET.bottom,
  };
  const domainX = decadesAround(points.map((point) => point.x));
  const domainY = decadesAround(points.map((point) => point.y));
  const x = logScale(domainX, [area.left, area.right]);
  const y = logScale(domainY, [area.bottom, area.top]);
  const path = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(" ");
  return [
    element("text", { x: area.left, y: area.top - 10 }, title),
    ...decades(domainY).flatMap((tick) => [
      element("line", { class: "grid", x1: area.left, x2: area.right, y1: y(tick), y2: y(tick) }),
      element("text", { class: "quiet", x: area.left - 6, y: y(tick) + 4, "text-anchor": "end" }, short(tick)),
    ]),
    ...decades(domainX).flatMap((tick) => [
      element("line", { class: "grid", x1: x(tick), x2: x(tick), y1: area.bottom, y2: area.bottom + 4 }),
      element("text", { class: "quiet", x: x(tick), y: area.bottom + 16, "text-anchor": "middle" }, short(tick)),
    ]),
    element("text", { class: "quiet", x: area.right, y: area.bottom + 29, "text-anchor": "end" }, horizontal),
    element("polyline", { class: "line", points: path }),
    ...points.map((point) => element("circle", { class: "point", cx: x(point.x), cy: y(point.y), r: 3.5 })),
  ];
}

/** 100k instead of 100,000, because there is little room. */
function short(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))}M`;
  if (value >= 1000) return `${Number((value / 1000).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
