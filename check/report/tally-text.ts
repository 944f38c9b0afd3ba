/** What `--times` adds to the report for people: in how many runs something failed. cli/commands/check.ts prints it. */
import type { Tally } from "../repeated.ts";

export function tallyText({ asked, made, failed, cases }: Tally): string {
  const runs = (count: number) => `${count} ${count === 1 ? "run" : "runs"}`;
  const stopped =
    made < asked ? [`The server did not answer any more, so the check stopped after ${runs(made)} of ${asked}.`] : [];
  if (failed === 0) return `✓ None of ${runs(made)} failed.`;
  const width = String(Math.max(...cases.map((each) => each.failed))).length;
  return [
    ...stopped,
    `${failed} of ${runs(made)} failed. The report above is of the first one that failed. In all runs:`,
    ...cases.map(({ id, title, failed: count }) => `  ${String(count).padStart(width)} × ${title}  (${id})`),
  ].join("\n");
}
