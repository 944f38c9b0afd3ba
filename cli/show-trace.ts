/**
 * Shows on a terminal what a server did with a request: ✓ passed, ✗ stopped here, · not reached or left out.
 */
import { styleText } from "node:util";
import { answered } from "../client/trace.ts";
import type { Step } from "../server/explain/step-list.ts";
import type { Outcome, Trace, TracedStep } from "../server/explain/trace.ts";
import type { Excerpt, FileTouch } from "../server/store/contract.ts";
import { harmless } from "./show.ts";

const MARKS: Record<Outcome, string> = {
  pass: styleText("green", "✓"),
  stop: styleText("red", "✗"),
  "not reached": styleText("dim", "·"),
};
/** How many lines of a file are shown, and how many characters of each. */
const MAX_LINES = 4;
const MAX_LINE_CHARACTERS = 200;
/** The lines below a step are indented to its sentence. */
const INDENT = " ".repeat(4);

export function showTrace({ steps, reason, status }: Trace): string {
  const width = widthOfIds(steps);
  const last = steps.findLastIndex(({ outcome }) => outcome !== "not reached");
  const lines = steps.flatMap((step, i) => [stepLine(step, width, i < last), ...details(step, reason)]);
  // A request refused before the first step has no step to show it at.
  const isRefusedBefore = reason !== undefined && !steps.some(({ outcome }) => outcome === "stop");
  if (isRefusedBefore) lines.unshift(`${MARKS.stop} ${status}, before the first step: ${harmless(reason)}`);
  return lines.join("\n");
}

/** The steps alone, without a request. */
export function showPlan(steps: readonly Step[]): string {
  const width = widthOfIds(steps);
  return steps
    .map(({ id, sentence, source }) => {
      return `${id.padEnd(width)}  ${sentence}\n${styleText("dim", `${INDENT}${source.file}:${source.line}`)}`;
    })
    .join("\n");
}

/** @param wentOn whether a later step was reached. */
function stepLine({ id, outcome, milliseconds, sentence }: TracedStep, width: number, wentOn: boolean): string {
  const time = (milliseconds === null ? "" : `${milliseconds.toFixed(2)} ms`).padStart(10);
  const leftOut = outcome === "not reached" && wentOn ? "(left out) " : "";
  const line = `${id.padEnd(width)}${time}  ${leftOut}${harmless(outcome === "pass" ? answered(sentence) : sentence)}`;
  return `${MARKS[outcome]} ${outcome === "not reached" ? styleText("dim", line) : line}`;
}

function details({ outcome, compared, files, source }: TracedStep, reason: string | undefined): string[] {
  const lines: string[] = [];
  if (compared !== undefined) {
    const { given, kept, equal } = compared;
    lines.push(`given: ${given} characters, kept: ${kept} characters, ${equal ? "equal" : "not equal"}`);
  }
  lines.push(...files.flatMap(fileLines));
  if (outcome === "stop" && reason !== undefined) {
    lines.push(`${styleText("red", "stopped here:")} ${harmless(reason)}`);
    lines.push(styleText("dim", `${source.file}:${source.line}`));
  }
  return lines.map((line) => INDENT + line);
}

function fileLines({ path, did, before, after }: FileTouch): string[] {
  const name = styleText("cyan", harmless(path));
  if (did === "looked for") return [`${name} is not there`];
  const head = `${name} ${did}${where(did, before)}`;
  if (did === "read") return [`${head}${notShown(after)}`, ...textLines(after, " ")];
  return [`${head}${notShown(after ?? before)}`, ...textLines(before, "-"), ...textLines(after, "+")];
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
  const shown = lines.slice(0, MAX_LINES).map((line) => {
    const text = harmless(line);
    return `${mark} ${text.length > MAX_LINE_CHARACTERS ? `${text.slice(0, MAX_LINE_CHARACTERS)}…` : text}`;
  });
  if (lines.length > MAX_LINES) shown.push(`${mark} … and ${lines.length - MAX_LINES} more lines`);
  return shown.map((line) => `  ${line}`);
}

function widthOfIds(steps: readonly Step[]): number {
  return Math.max(0, ...steps.map(({ id }) => id.length));
}
