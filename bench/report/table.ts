/**
 * The figures as a table in Markdown, and the place for it in a document: between two marks, so that what stands around
 * it is written by people and stays.
 */
import { decisive, type Figure, reachesGoal } from "./figure.ts";
import { median } from "./statistics.ts";

export const TABLE_BEGIN = "<!-- figures: npm run bench writes what follows -->";
export const TABLE_END = "<!-- end of the figures -->";

export function tableOf(figures: Figure[]): string {
  const head = [
    "| What | Against | plainchat | the other | Ratio (from–to) | Goal | Reached |",
    "|---|---|---:|---:|---:|---:|---|",
  ];
  return [...head, ...figures.map(rowOf)].join("\n");
}

function rowOf(figure: Figure): string {
  const { what, against, unit, ours, theirs, ratios, goal } = figure;
  const measured = (values: number[]) => (values.length === 0 ? "–" : `${shown(median(values))} ${unit}`.trim());
  const ratio = ratios.length === 0 ? "–" : `${shown(median(ratios))} (${fromTo(ratios)})`;
  const aim = goal === undefined ? "–" : `${goal.direction === "at least" ? "≥" : "≤"} ${goal.value}`;
  const reached = reachesGoal(figure) ?? "";
  return `| ${[what, against, measured(ours), measured(theirs), ratio, aim, reached].join(" | ")} |`;
}

function fromTo(values: number[]): string {
  return `${shown(Math.min(...values))}–${shown(Math.max(...values))}`;
}

/** A line for the terminal. */
export function lineOf(figure: Figure): string {
  const { what, against, unit, ours, theirs, goal } = figure;
  const middle = `${shown(median(ours))}${theirs.length > 0 ? ` : ${shown(median(theirs))}` : ""} ${unit}`.trim();
  const ratio = figure.ratios.length > 0 ? `, ratio ${shown(median(decisive(figure)))} (${fromTo(figure.ratios)})` : "";
  const reached = reachesGoal(figure);
  const mark = reached === undefined ? " " : reached.startsWith("yes") ? "✓" : "✗";
  const aim = goal === undefined ? "" : `, goal ${goal.direction} ${goal.value}`;
  return `${mark} ${what}${against === "–" ? "" : `, against ${against}`}: ${middle}${ratio}${aim}`;
}

/** Three digits that count, and a comma between thousands. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 4 });
}

/** The document with what stands between the marks replaced. @throws {Error} when they are not there. */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(TABLE_BEGIN);
  const end = document.indexOf(TABLE_END);
  if (begin === -1 || end < begin) throw new Error("The document has no place for the table");
  return `${document.slice(0, begin + TABLE_BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`;
}
