/**
 * Runs the check several times: a mistake that happens by chance shows in some runs only. cli/commands/check.ts calls it
 * for `--times`, and the reports say in how many runs each case failed.
 */
import { failuresIn, type Report } from "./run-check.ts";

/** How often something failed. */
export interface Tally {
  /** How many runs were asked for, and how many were made: without a server, there is no point in going on. */
  asked: number;
  made: number;
  failed: number;
  /** The cases that failed, the most frequent one first. */
  cases: { id: string; title: string; failed: number }[];
}

export interface Repeated {
  /** All that were made, in order. */
  reports: Report[];
  /** The first one with a failure, or the last one. */
  shown: Report;
  tally: Tally;
}

/** @param run makes one run. */
export async function repeat(times: number, run: (n: number) => Promise<Report>): Promise<Repeated> {
  const reports: Report[] = [];
  for (let n = 1; n <= times; n++) {
    const report = await run(n);
    reports.push(report);
    if (failuresIn(report).some(({ failure }) => failure?.noReply === "unreachable")) break;
  }
  const failed = reports.filter((report) => failuresIn(report).length > 0);
  const shown = failed[0] ?? reports.at(-1);
  if (shown === undefined) throw new Error("The check must run at least once");
  const tally = { asked: times, made: reports.length, failed: failed.length, cases: casesIn(failed) };
  return { reports, shown, tally };
}

function casesIn(reports: Report[]): Tally["cases"] {
  const cases = new Map<string, Tally["cases"][number]>();
  for (const { case: each } of reports.flatMap(failuresIn)) {
    const { id, title } = each;
    cases.set(id, { id, title, failed: (cases.get(id)?.failed ?? 0) + 1 });
  }
  return [...cases.values()].sort((a, b) => b.failed - a.failed);
}
