/**
 * Makes a Markdown table of the figures and puts it between two marks of a document. The text around the marks is
 * written by people and does not change.
 */
import { decisive, type Figure, reachesGoal } from "./figure.ts";
import { median } from "./statistics.ts";

export const TABLE_BEGIN = "<!-- figures: npm run bench writes this part -->";
export const TABLE_END = "<!-- end of the figures -->";

export function tableOf(figures: Figure[]): string {
  const head = [
    "| What | Compared with | plainchat | The other | Ratio (min–max) | Goal | Goal reached? |",
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

/** The figure as one line for the terminal. */
export function lineOf(figure: Figure): string {
  const { what, against, unit, ours, theirs, goal } = figure;
  const middle = `${shown(median(ours))}${theirs.length > 0 ? ` : ${shown(median(theirs))}` : ""} ${unit}`.trim();
  const ratio = figure.ratios.length > 0 ? `, ratio ${shown(median(decisive(figure)))} (${fromTo(figure.ratios)})` : "";
  const reached = reachesGoal(figure);
  const mark = reached === undefined ? " " : reached.startsWith("yes") ? "✓" : "✗";
  const aim = goal === undefined ? "" : `, goal ${goal.direction} ${goal.value}`;
  return `${mark} ${what}${against === "–" ? "" : `, compared with ${against}`}: ${middle}${ratio}${aim}`;
}

/** Three significant digits, with commas between thousands. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 4 });
}

/** Replaces the text between the marks of a document. @throws {Error} when the marks are missing. */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(TABLE_BEGIN);
  const end = document.indexOf(TABLE_END);
  if (begin === -1 || end < begin) throw new Error("The document has no place for the table");
  return `${document.slice(0, begin + TABLE_BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`;
}
