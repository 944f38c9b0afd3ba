/**
 * The report as JUnit XML, written by `plainchat check --junit`. Most CI systems can show it.
 */
import { type CaseResult, countIn, type Report, type StageResult } from "../run-check.ts";
import { whatToDo } from "./advice.ts";

/** @param reports one for each run. */
export function reportJunit(reports: Report[]): string {
  const sum = (count: (report: Report) => number) => reports.reduce((total, report) => total + count(report), 0);
  const [tests, failures, skipped] = [
    sum((report) => allResults(report).length),
    sum((report) => countIn(report, "failed")),
    sum((report) => countIn(report, "waiting") + countIn(report, "cannot be asked")),
  ];
  const counts = `tests="${tests}" failures="${failures}" skipped="${skipped}"`;
  const suites = reports.flatMap(({ stages }, i) =>
    stages
      .filter(({ notAsked }) => notAsked === undefined)
      .map((stage) => suite(stage, reports.length === 1 ? "" : ` (run ${i + 1})`)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="plainchat check" ${counts}>\n${suites.join("\n")}\n</testsuites>\n`;
}

function allResults({ stages }: Report): CaseResult[] {
  return stages.flatMap(({ results }) => results);
}

function suite({ stage, isLesson, name, results }: StageResult, run: string): string {
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  const skipped = results.filter(({ outcome }) => outcome === "waiting" || outcome === "cannot be asked").length;
  const counts = `tests="${results.length}" failures="${failed}" skipped="${skipped}"`;
  return `  <testsuite name="${escaped(`${isLesson === true ? "lesson " : ""}${stage} ${name}${run}`)}" ${counts}>\n${results.map(testcase).join("\n")}\n  </testsuite>`;
}

function testcase({ case: each, outcome, why: notAsked, failure, milliseconds }: CaseResult): string {
  const attributes = `classname="${escaped(each.steps.join(" "))}" name="${escaped(`${each.id}: ${each.title}`)}" time="${(milliseconds / 1000).toFixed(3)}"`;
  if (outcome === "passed") return `    <testcase ${attributes}/>`;
  if (notAsked !== undefined) {
    return `    <testcase ${attributes}><skipped message="${escaped(notAsked)}"/></testcase>`;
  }
  const why = failure?.mistakes.join("; ") ?? "";
  const hint = failure === undefined ? each.hint : whatToDo(each.hint, failure);
  const inside = outcome === "waiting" ? "<skipped/>" : `<failure message="${escaped(why)}">${escaped(hint)}</failure>`;
  return `    <testcase ${attributes}>${inside}</testcase>`;
}

/** XML cannot hold most control characters. They become U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]|[\ufffe\uffff]/gu, "\ufffd")
    .toWellFormed()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
