/**
 * Shows on a terminal what a server did with a request: ✓ passed, ✗ stopped here, · not reached or left out.
 */
import { answered, type Excerpt, type FileTouch, rowIn, type Trace, type TracedStep } from "../client/trace.ts";
import type { Step } from "../server/explain/step-list.ts";
import { joined, line, type Printable, type Styled, style } from "./styled.ts";

const MARKS: Record<TracedStep["outcome"], Styled> = {
  pass: style("green", "✓"),
  stop: style("red", "✗"),
  "not reached": style("dim", "·"),
};
/** How many lines of a file are shown, and how many characters of each. */
const MAX_LINES = 4;
const MAX_LINE_CHARACTERS = 200;
/** The lines below a step are indented to its sentence. */
const INDENT = " ".repeat(4);

/** The steps name files, as the specification does. */
const IN_A_DATABASE =
  "This server keeps its data in a database: a row of the table users stands for users/<myId>.dat, " +
  "and a row of handles for users/<hashUserHandle>.dat.";

export function showTrace({ steps, reason, status, database }: Trace): Styled {
  const width = widthOfIds(steps);
  const last = steps.findLastIndex(({ outcome }) => outcome !== "not reached");
  const lines = steps.flatMap((step, i) => [stepLine(step, steps, width, i < last), ...details(step, reason)]);
  // A request refused before the first step has no step to show it at.
  const isRefusedBefore = reason !== undefined && !steps.some(({ outcome }) => outcome === "stop");
  if (isRefusedBefore) lines.unshift(line`${MARKS.stop} ${status}, before the first step: ${reason}`);
  if (database === true) lines.unshift(line`${IN_A_DATABASE}`, line``);
  return joined(lines);
}

/** The steps alone, without a request. */
export function showPlan(steps: readonly Step[]): Styled {
  const width = widthOfIds(steps);
  return joined(
    steps.flatMap(({ id, sentence, source }) => [
      line`${id.padEnd(width)}  ${sentence}`,
      style("dim", `${INDENT}${source.file}:${source.line}`),
    ]),
  );
}

/** @param wentOn whether a later step was reached. */
function stepLine(step: TracedStep, steps: readonly TracedStep[], width: number, wentOn: boolean): Styled {
  const { id, outcome, milliseconds, sentence } = step;
  const time = (milliseconds === null ? "" : `${milliseconds.toFixed(2)} ms`).padStart(10);
  const leftOut = outcome === "not reached" && wentOn ? "(left out) " : "";
  const text = `${id.padEnd(width)}${time}  ${leftOut}${outcome === "pass" ? answered(step, steps) : sentence}`;
  return line`${MARKS[outcome]} ${outcome === "not reached" ? style("dim", text) : text}`;
}

function details({ outcome, compared, files, source }: TracedStep, reason: string | undefined): Styled[] {
  const lines: Printable[] = [];
  if (compared !== undefined) {
    const { given, kept, equal } = compared;
    lines.push(`given: ${given} characters, kept: ${kept} characters, ${equal ? "equal" : "not equal"}`);
  }
  lines.push(...files.flatMap(fileLines));
  if (outcome === "stop" && reason !== undefined) {
    lines.push(line`${style("red", "stopped here:")} ${reason}`);
    lines.push(style("dim", `${source.file}:${source.line}`));
  }
  return lines.map((each) => line`${INDENT}${each}`);
}

function fileLines({ path, did, before, after }: FileTouch): Printable[] {
  const name = style("cyan", nameOf(path));
  if (did === "looked for") return [line`${name} is not there`];
  const head = line`${name} ${did}${where(did, before)}`;
  if (did === "read") return [line`${head}${notShown(after)}`, ...textLines(after, " ")];
  return [line`${head}${notShown(after ?? before)}`, ...textLines(before, "-"), ...textLines(after, "+")];
}

/** `users/1.dat`, or "table users, row 1". */
function nameOf(path: string): string {
  const found = rowIn(path);
  if (found === undefined) return path;
  const { table, row } = found;
  if (table === "user_ids") return `sequence ${table}`;
  return row === undefined ? `table ${table}` : `table ${table}, row ${row}`;
}

function where(did: FileTouch["did"], before: Excerpt | null): string {
  return did === "appended to" && before !== null ? ` at byte ${before.from}` : "";
}

function notShown(excerpt: Excerpt | null): string {
  return excerpt !== null && excerpt.text === null ? `: ${excerpt.bytes} bytes, not shown` : "";
}

function textLines(excerpt: Excerpt | null, mark: string): string[] {
  if (excerpt === null || excerpt.text === null || excerpt.text === "") return [];
  const lines = excerpt.text.replace(/\n$/, "").split("\n");
  const shown = lines.slice(0, MAX_LINES).map((text) => {
    return `${mark} ${text.length > MAX_LINE_CHARACTERS ? `${text.slice(0, MAX_LINE_CHARACTERS)}…` : text}`;
  });
  if (lines.length > MAX_LINES) shown.push(`${mark} … and ${lines.length - MAX_LINES} more lines`);
  return shown.map((text) => `  ${text}`);
}

function widthOfIds(steps: readonly Step[]): number {
  return Math.max(0, ...steps.map(({ id }) => id.length));
}
