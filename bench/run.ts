/**
 * `npm run bench`: how fast this server is, against others that do the same, and how it grows. Each pair is measured in
 * turn, several times, and what counts is the median of the ratios. What comes out is written to bench/results.json,
 * and shown in docs/performance.md and the plots of the README.
 *
 *     npm run bench -- [--help] [--quick] [--pairs N] … [publish] [lookup] [page] …
 */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { compareQueues, compareStart } from "./measure/big-folders.ts";
import { compareRequests } from "./measure/compare-requests.ts";
import { compareExplain } from "./measure/explain.ts";
import { type Growth, measureGrowth } from "./measure/growth.ts";
import { compareLatencies, compareMemory } from "./measure/live.ts";
import { compareWays } from "./measure/ways.ts";
import type { Figure } from "./report/figure.ts";
import { addResults } from "./report/results.ts";
import { lineOf } from "./report/table.ts";
import { readSettings, type Settings } from "./settings.ts";

/** What can be measured, in the order in which it is, and after them how it grows. */
const GROUPS: Record<string, (settings: Settings) => Promise<Figure[]>> = {
  publish: (settings) => compareRequests("publish", settings),
  lookup: (settings) => compareRequests("lookup", settings),
  page: (settings) => compareRequests("page", settings),
  queue: compareQueues,
  start: compareStart,
  explain: (settings) => compareExplain(settings.folder, settings),
  live: ({ folder, pairs }) => compareLatencies(folder, pairs),
  idle: ({ folder, pairs }) => compareMemory(folder, pairs),
};
const QUICK_GROUPS = ["publish", "lookup", "page"];

const settings = readSettings([...Object.keys(GROUPS), "growth", "ways"]);
const beside = join(import.meta.dirname, "results");
await mkdir(beside, { recursive: true });
// Beside the results and not in /tmp, which on many systems is memory, where nothing has to be made durable.
const folder = await mkdtemp(join(beside, "run-"));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  await run({ ...settings, folder });
} finally {
  await rm(folder, { recursive: true });
}

async function run(settings: Settings): Promise<void> {
  const { isQuick, groups, pairs, seconds, connections, writes, folder } = settings;
  const isWanted = (name: string) =>
    groups.length > 0 ? groups.includes(name) : !isQuick || QUICK_GROUPS.includes(name);
  console.log(`${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${connections} connections, ${pairs} pairs of ${seconds} s in turn, medians`);
  console.log(writes ? "" : "Nothing of it is written down.\n");
  const figures: Figure[] = [];
  for (const [name, measureGroup] of Object.entries(GROUPS)) {
    if (!isWanted(name)) continue;
    const measured = await measureGroup(settings);
    for (const figure of measured) console.log(lineOf(figure));
    figures.push(...measured);
    // After each group: who ends a long run early keeps what was measured.
    if (writes) await addResults(figures, undefined);
  }
  let growth: Growth | undefined;
  if (isWanted("growth")) growth = await measureGrowth(settings);
  if (writes && growth !== undefined) await addResults(figures, growth);
  if (isWanted("ways")) await compareWays(folder);
}
